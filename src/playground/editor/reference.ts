import type { Keyword } from "../../dockerfile/keyword.ts";

/** Syntax of the instructions. `messages.ts` explains them. */
export const forms: Readonly<Record<Keyword, string>> = {
  ADD: "ADD [flags] <source>… <destination>",
  ARG: "ARG <name>[=<default>]…",
  CMD: 'CMD ["<executable>", "<argument>"…]',
  COPY: "COPY [flags] <source>… <destination>",
  ENTRYPOINT: 'ENTRYPOINT ["<executable>", "<argument>"…]',
  ENV: "ENV <key>=<value>…",
  EXPOSE: "EXPOSE <port>[/<protocol>]…",
  FROM: "FROM [--platform=<platform>] <image> [AS <name>]",
  HEALTHCHECK: "HEALTHCHECK [flags] CMD <command> | NONE",
  LABEL: "LABEL <key>=<value>…",
  MAINTAINER: "MAINTAINER <name>",
  ONBUILD: "ONBUILD <instruction>",
  RUN: "RUN [flags] <command>",
  SHELL: 'SHELL ["<executable>", "<argument>"…]',
  STOPSIGNAL: "STOPSIGNAL <signal>",
  USER: "USER <user>[:<group>]",
  VOLUME: 'VOLUME ["<path>"…]',
  WORKDIR: "WORKDIR <path>",
};

const transfer = {
  chown: "--chown=<user>[:<group>]",
  chmod: "--chmod=<mode>",
  link: "--link",
  exclude: "--exclude=<pattern>",
};

/** Syntax of the flags by instruction and name. */
export const flags = {
  FROM: { platform: "--platform=<platform>" },
  COPY: { from: "--from=<stage or image>", parents: "--parents", ...transfer },
  ADD: {
    checksum: "--checksum=<digest>",
    "keep-git-dir": "--keep-git-dir",
    unpack: "--unpack",
    ...transfer,
  },
  RUN: {
    mount: "--mount=type=<type>[,<option>=<value>]…",
    network: "--network=<default, none or host>",
    security: "--security=<sandbox or insecure>",
  },
  HEALTHCHECK: {
    interval: "--interval=<duration>",
    timeout: "--timeout=<duration>",
    "start-period": "--start-period=<duration>",
    "start-interval": "--start-interval=<duration>",
    retries: "--retries=<number>",
  },
} as const satisfies Partial<Record<Keyword, Readonly<Record<string, string>>>>;

type Flags = typeof flags;
export type FlagName = { [K in keyof Flags]: keyof Flags[K] }[keyof Flags] & string;

/** Returns the flags of an instruction. */
export function flagsOf(keyword: Keyword | undefined): Readonly<Record<string, string>> {
  return keyword !== undefined && keyword in flags ? flags[keyword as keyof Flags] : {};
}

/** Common values of flags. */
export const flagValues: Readonly<Record<string, readonly string[]>> = {
  platform: ["$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"],
  network: ["default", "none", "host"],
  security: ["sandbox", "insecure"],
  mount: [
    "type=cache,target=",
    "type=bind,source=,target=",
    "type=secret,id=",
    "type=ssh",
    "type=tmpfs,target=",
  ],
};

/** Platform arguments that BuildKit predefines in the global scope; only the common ones. */
export const platformArguments = [
  "BUILDPLATFORM",
  "BUILDOS",
  "BUILDARCH",
  "BUILDVARIANT",
  "TARGETPLATFORM",
  "TARGETOS",
  "TARGETARCH",
  "TARGETVARIANT",
];
