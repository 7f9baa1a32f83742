/** Lines of the Dockerfile, 1-based and inclusive. */
export interface LineRange {
  start: number;
  end: number;
}

/** Fields that every instruction has. */
interface Common {
  /** The instruction as written (continuations joined), without heredoc bodies. */
  source: string;
  lines: LineRange;
  /** Keyword exactly as written. */
  keyword: string;
  /** Text of the comment lines directly above, without `#`; for descriptions and `check=` directives. */
  comments: readonly string[];
}

/** A here-document of RUN, COPY or ADD. */
export interface Heredoc {
  /** File name (COPY, ADD) or terminator. */
  name: string;
  fileDescriptor: number;
  /** False when any part of the name was quoted. */
  expand: boolean;
  /** `<<-`: removes leading tabs of body and terminator. Already applied to `content`. */
  chomp: boolean;
  content: string;
  /** The body as written, when `<<-` has changed `content`. */
  raw?: string;
}

/** A shell-form command, or exec-form arguments. */
export interface CommandLine {
  /** True: one text for the shell. False: a JSON array of arguments. */
  shellForm: boolean;
  args: readonly string[];
  heredocs: readonly Heredoc[];
}

/** One `name=value`; `value` undefined only for `ARG name`. Not expanded. */
export interface KeyValue<V = string> {
  key: string;
  value: V;
  /** Written in the legacy `ENV key value` form. */
  legacy?: boolean;
}

/** RUN --mount=…; values not expanded. */
export interface Mount {
  type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  from?: string;
  source?: string;
  target?: string;
  readonly: boolean;
  sizeLimit?: number;
  cacheId?: string;
  sharing?: "shared" | "private" | "locked";
  required?: boolean;
  env?: string;
  mode?: number;
  uid?: number;
  gid?: number;
}

/** `FROM [--platform=<platform>] <image> [AS <name>]` */
interface FromInstruction extends Common {
  kind: "FROM";
  base: string;
  platform?: string;
  /** Lower-cased. */
  name?: string;
}
/** `ARG <name>[=<value>] …` */
export interface ArgInstruction extends Common {
  kind: "ARG";
  args: readonly KeyValue<string | undefined>[];
}
/** `ENV <key>=<value> …` */
export interface EnvInstruction extends Common {
  kind: "ENV";
  pairs: readonly KeyValue[];
}
/** `LABEL <key>=<value> …` */
export interface LabelInstruction extends Common {
  kind: "LABEL";
  pairs: readonly KeyValue[];
}
/** `MAINTAINER <name>` */
export interface MaintainerInstruction extends Common {
  kind: "MAINTAINER";
  name: string;
}
interface Transfer extends Common {
  sources: readonly string[];
  /** Here-documents among the sources, in order of their appearance after `sources`. */
  heredocs: readonly Heredoc[];
  dest: string;
  chown?: string;
  chmod?: string;
  link: boolean;
  excludes: readonly string[];
}
/** `COPY [--from=…] [--chown=…] [--chmod=…] [--link] [--parents] [--exclude=…] <src> … <dest>` */
export interface CopyInstruction extends Transfer {
  kind: "COPY";
  from?: string;
  parents: boolean;
}
/** `ADD [--keep-git-dir] [--checksum=…] [--chown=…] [--chmod=…] [--link] [--unpack] [--exclude=…] <src> … <dest>` */
export interface AddInstruction extends Transfer {
  kind: "ADD";
  checksum?: string;
  keepGitDir?: boolean;
  unpack?: boolean;
}
/** `RUN [--mount=…] [--network=…] [--security=…] <command>` */
export interface RunInstruction extends Common {
  kind: "RUN";
  command: CommandLine;
  /** As written, one text per `--mount`; parsed by `readMount` after expansion. */
  mounts: readonly string[];
  network?: "default" | "none" | "host";
  security?: "sandbox" | "insecure";
  devices: readonly string[];
}
/** `CMD <command>` */
export interface CmdInstruction extends Common {
  kind: "CMD";
  command: CommandLine;
}
/** `ENTRYPOINT <command>` */
export interface EntrypointInstruction extends Common {
  kind: "ENTRYPOINT";
  command: CommandLine;
}
/** `EXPOSE <port>[/<protocol>] …` */
export interface ExposeInstruction extends Common {
  kind: "EXPOSE";
  ports: readonly string[];
}
/** `VOLUME <path> …` */
export interface VolumeInstruction extends Common {
  kind: "VOLUME";
  paths: readonly string[];
}
/** `USER <user>[:<group>]` */
export interface UserInstruction extends Common {
  kind: "USER";
  user: string;
}
/** `WORKDIR <path>` */
export interface WorkdirInstruction extends Common {
  kind: "WORKDIR";
  path: string;
}
/** `STOPSIGNAL <signal>` */
export interface StopSignalInstruction extends Common {
  kind: "STOPSIGNAL";
  signal: string;
}
/** `SHELL ["<executable>", "<argument>" …]` */
export interface ShellInstruction extends Common {
  kind: "SHELL";
  shell: readonly string[];
}
/** Durations in nanoseconds, 0 when not given. `test` begins with NONE, CMD or CMD-SHELL. */
export interface HealthcheckConfig {
  test: readonly string[];
  interval: number;
  timeout: number;
  startPeriod: number;
  startInterval: number;
  retries: number;
}
/** `HEALTHCHECK [--interval=…] [--timeout=…] [--start-period=…] [--start-interval=…] [--retries=…] CMD <command> | NONE` */
export interface HealthcheckInstruction extends Common {
  kind: "HEALTHCHECK";
  health: HealthcheckConfig;
}
/** `ONBUILD <instruction>` */
export interface OnbuildInstruction extends Common {
  kind: "ONBUILD";
  /** The inner instruction as written, heredoc bodies appended. */
  expression: string;
}

/** The instructions allowed after FROM. */
export type StageInstruction =
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | MaintainerInstruction
  | CopyInstruction
  | AddInstruction
  | RunInstruction
  | CmdInstruction
  | EntrypointInstruction
  | ExposeInstruction
  | VolumeInstruction
  | UserInstruction
  | WorkdirInstruction
  | StopSignalInstruction
  | ShellInstruction
  | HealthcheckInstruction
  | OnbuildInstruction;

/** Every instruction of the Dockerfile language. */
export type Instruction = FromInstruction | StageInstruction;

/** The instructions from one FROM to the next. */
export interface Stage {
  from: FromInstruction;
  instructions: readonly StageInstruction[];
}

/** A parsed Dockerfile without expansion. */
export interface Dockerfile {
  /** ARG instructions before the first FROM. */
  globalArgs: readonly ArgInstruction[];
  stages: readonly Stage[];
  /** The escape character: `\` or a backtick. */
  escape: string;
}
