// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import {
  type CopyWords,
  generateCopyFrom,
  generateCopyOf,
  generateSourceOf,
  type Choice as UsualChoice,
} from "../parts.ts";
import { generateCommand } from "./commands.ts";

/** What an instruction is generated from. */
interface Choice extends UsualChoice {
  /** Number of the stage. */
  stage: number;
  /** The stage can execute RUN. */
  hasShell: boolean;
}

const DESTINATIONS = [
  "/",
  "/x",
  "/x/",
  "/x/y",
  "/d/",
  "/d/e/f",
  "/l/",
  "/l/z",
  "./",
  ".",
  "rel",
  "rel/",
  "/usr/local/",
  "/etc/new",
  "/n/",
];
/** Of the base images: a link to a directory, a file, a directory. */
const IN_IMAGES = [
  "/bin",
  "/bin/busybox",
  "/etc/passwd",
  "/etc",
  "/etc/*",
  "/usr/bin/sh",
  "/",
  "/one",
  "/opt/*/run",
];
const OWNERS = ["7", "7:8", "app", "app:staff", "nobody", "zed", "zed:staff", ":staff", "app:7", "${V:-app}"];
const COPY_WORDS: CopyWords = {
  owners: OWNERS,
  destinations: DESTINATIONS,
  symbolicModes: ["u+x", "go-r", "a=rX", "g=u,o=", "u+s,g+s", "+t", "a-x+X"],
  hasUnpack: true,
};
/** SHA-256 of /hello.txt. */
const HELLO = "sha256:b449ed60967ed21ac73a86200e679b893f5af99f792cd45c813bd045c787ee6c";

type Generator = (choice: Choice) => string;

/** Kinds of instructions with their relative frequencies. */
const ALWAYS: readonly [number, Generator][] = [
  [6, generateCopyOfContext],
  [2, generateCopyOfStage],
  [1, generateCopyOfImage],
  [2, generateAdd],
  [1, generateRemoteAdd],
  [2, generateHeredoc],
  [
    2,
    ({ random }) =>
      `WORKDIR ${random.pick(["/w", "rel", "/d/deep", "..", "/x", "/l/in", '"/a b"', "$V", "/x/./y//z"])}`,
  ],
  [2, generateEnv],
  [1, ({ random }) => `LABEL ${random.pick(["a=b", "a=$V", 'c="d e"', "'a b'=c", 'm="1 \\\n2"'])}`],
  [1, ({ random }) => `USER ${random.pick(["root", "0:0", "1000", "app", "app:staff", "zed"])}`],
  [
    1,
    ({ random }) =>
      random.pick([
        'CMD ["a", "b"]',
        "CMD run $V",
        'ENTRYPOINT ["e"]',
        "ENTRYPOINT e",
        "STOPSIGNAL 9",
        'SHELL ["/bin/sh", "-ec"]',
        'SHELL ["/bin/busybox", "sh", "-xc"]',
        'SHELL ["/bin/none"]',
        "VOLUME /x /v",
        "VOLUME $V/v",
        'VOLUME ["/d/e"]',
      ]),
  ],
  [1, generateTrigger],
];
const WITH_SHELL: readonly [number, Generator][] = [
  [5, ({ random }) => `RUN ${generateCommand(random)}`],
  [1, ({ random }) => `RUN ["sh", "-c", ${JSON.stringify(generateCommand(random))}]`],
  [2, generateScript],
  [3, generateMount],
  [1, () => "RUN echo 'zed:x:88:50::/:/bin/sh' >> /etc/passwd"],
  [1, () => "RUN umask 027; mkdir -p /x/made/dir && echo made > /x/made/file"],
];
const NEWER: readonly [number, Generator][] = [
  [6, generateCopyOfContext],
  [2, generateSetting],
];

export function generateInstruction(choice: Choice): string {
  const { random, isNewer, hasShell } = choice;
  const kinds = [...ALWAYS, ...(hasShell ? WITH_SHELL : []), ...(isNewer ? NEWER : [])];
  const generator = random.pick(kinds.flatMap(([weight, one]) => Array<Generator>(weight).fill(one)));
  return generator(choice);
}

function generateCopyOfContext(choice: Choice): string {
  const { random } = choice;
  const source = () =>
    generateSourceOf(choice, (path, first) => [
      `./${path}`,
      `/${first}`,
      `${first}/../${path}`,
      "[!a-c]*",
      "*/*",
      ".dockerignore",
    ]);
  return generateCopyOf(choice, "COPY", random.several(1, 2, source), COPY_WORDS);
}

function generateCopyOfStage(choice: Choice): string {
  const { random, stage } = choice;
  if (stage === 0) return "WORKDIR /w";
  const source = random.pick([
    "/x",
    "/d/",
    "/etc/passwd",
    "/",
    "/x/*",
    "/d/*.txt",
    "/rel",
    "/l",
    "/l/",
    "/n/*",
    "/[dx]/*",
    "/*/passwd",
    "/d/../x",
    "/on/",
    "/h/[!o]*",
  ]);
  const number = random.count(0, stage - 1);
  const from = random.chance(0.2) ? String(number) : `s${number}`;
  return generateCopyFrom(choice, { from: () => from, source }, COPY_WORDS);
}

function generateCopyOfImage(choice: Choice): string {
  const { random } = choice;
  const from = random.pick(["varve/busybox:1", "varve/layered:1"]);
  return generateCopyFrom(choice, { from: () => from, source: random.pick(IN_IMAGES) }, COPY_WORDS);
}

function generateAdd(choice: Choice): string {
  const { random, paths } = choice;
  return generateCopyOf(
    choice,
    "ADD",
    [random.pick(["in.tar", "gnu.tar", "*.tar", random.pick(paths)])],
    COPY_WORDS,
  );
}

function generateRemoteAdd({ random, isNewer }: Choice): string {
  const name = random.pick(["hello.txt", "undated.txt", "app.tar.gz", "attachment", "moved.txt"]);
  const flags = [
    ...(name === "hello.txt" && random.chance(0.5)
      ? [`--checksum=${random.pick([HELLO, HELLO.replace(/.$/, "0")])}`]
      : []),
    ...(random.chance(0.2) ? ["--chown=7:8"] : []),
    ...(isNewer && random.chance(0.3) ? [random.pick(["--unpack", "--unpack=false", "--link"])] : []),
    ...(random.chance(0.2) && isNewer ? ["--chmod=640"] : []),
  ];
  return ["ADD", ...flags, `{{http}}/${name}`, random.pick(["/x/", "/d/e/", "/r", "./", "/l/"])].join(" ");
}

function generateHeredoc({ random, isNewer }: Choice): string {
  const flags = [
    ...(random.chance(0.2) ? [`--chown=${random.pick(OWNERS)}`] : []),
    ...(isNewer && random.chance(0.2) ? ["--chmod=750"] : []),
  ];
  const [head, body] = random.pick([
    ['<<one <<"two" /h/', "value $V\none\nliteral $V\ntwo"],
    ["<<-one /h/", "\t\tindented ${V:-none}\n\tone"],
    ["<<'e.txt' rel/", "a \\$V \\\\ b\n\ne.txt"],
    ["<<EOF /h/one", "EOF"],
    ["<<one <<two /x", "1\none\n2\ntwo"],
    ["<<one b.txt <<'two' /h/", "1 $V\none\n2 $V\ntwo"],
    ["<<a/b /h/", "1\na/b"],
  ]);
  const kind = random.chance(0.2) ? "ADD" : "COPY";
  return `${[kind, ...(kind === "COPY" || isNewer ? flags : []), head].join(" ")}\n${body}`;
}

function generateEnv({ random, isNewer }: Choice): string {
  const always = [
    "V=1",
    "V=$V-$PATH",
    'V="a b"',
    "W=${V:-none} X=$W",
    "V ${V:+set} and more",
    "V='$V' W=\"\\$V\"",
    "V=a\\ b\\\\c",
    "PATH=/opt:$PATH",
  ];
  const newer = ["V=${PATH#*:}", "V=${PATH##*/}", "V=${PATH%%:*}", "V=${PATH/bin/BIN}", "V=${PATH//:/;}"];
  return `ENV ${random.pick(isNewer ? [...always, ...newer] : always)}`;
}

function generateTrigger({ random, hasShell }: Choice): string {
  const triggers = ["LABEL on=build", "ENV V=on", "WORKDIR /onbuild", "COPY . /on/", "ADD in.tar /on/"];
  return `ONBUILD ${random.pick(hasShell ? [...triggers, "RUN echo $V > /on-run", "USER app"] : triggers)}`;
}

function generateSetting({ random }: Choice): string {
  return random.pick([
    "EXPOSE 80 53/udp",
    "EXPOSE 8000-8002",
    "HEALTHCHECK --interval=5s CMD true",
    "HEALTHCHECK NONE",
    'HEALTHCHECK --timeout=1m --start-period=1s --start-interval=2s --retries=3 CMD ["a", "b"]',
    "ARG TARGETPLATFORM",
    "ARG TARGETARCH BUILDOS=none",
    "ARG BASE",
    "ARG V=1",
    "ARG W",
    "ARG V=${V:-2} W=$V",
    "MAINTAINER a b",
    "EXPOSE $V",
  ]);
}

function generateMount(choice: Choice): string {
  const { random, paths, stage } = choice;
  const plain = paths.filter((one) => /^[\w./-]+$/.test(one));
  const path = random.pick(["b.txt", ...plain]);
  const place = random.pick(["/x", "/d/e", "/n"]);
  const from = random.pick([...(stage > 0 ? [`s${random.count(0, stage - 1)}`] : []), "varve/layered:1"]);
  return `RUN ${random.pick([
    `--mount=type=bind,target=/m cp -a ${random.pick([`/m/${path}`, "/m/.", "/m"])} ${place} || true`,
    `--mount=type=bind,source=${path},target=/m/in cp -a /m ${place} 2>/dev/null || true`,
    `--mount=target=/m,rw { test -p /m/${path} || echo more > /m/${path}; } && cp -a /m/${path} ${place} || true`,
    `--mount=from=${from},target=/m cp -a /m/x /m/one ${place} 2>/dev/null || true`,
    `--mount=type=tmpfs,target=${place}/t echo t > ${place}/t/f; ls ${place}/t > /listed`,
    `--mount=type=cache,target=/c/d,id=fuzz-${random.count(0, 9)} echo c > /c/d/f; cp /c/d/f /cached`,
    `--mount=type=bind,target=/m tar -xf /m/in.tar -C ${place} 2>/dev/null || true`,
    "--mount=type=secret,id=absent test ! -e /run/secrets/absent",
    "--network=none ls /sys/class/net > /nets",
  ])}`;
}

function generateScript({ random }: Choice): string {
  const lines = `${generateCommand(random)}\n${generateCommand(random)}`;
  return random.pick([
    `RUN <<end\n${lines}\nend`,
    `RUN <<"end"\n${lines}\necho "$V" > /v\nend`,
    `RUN <<-end\n\t#!/bin/sh -e\n\techo $0 > /name\n\tend`,
    `RUN test -p /x || cat > /x <<end || true\nvalue $V \\$V\nend`,
    `RUN cat <<one > /one; cat <<"two" > /two || true\n1 $V\none\n2 $V\ntwo`,
    `RUN <<one cat > /one && <<two cat >> /one || true\n1\none\n\t2\ntwo`,
    `RUN ${generateCommand(random)} && \\\n  # a comment\n  ${generateCommand(random)}`,
  ]);
}
