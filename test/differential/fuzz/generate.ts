import type { ContextEntry } from "../case.ts";
import type { Draft } from "./draft.ts";
import {
  type Choice,
  type CopyWords,
  generateContextOf,
  generateCopyFrom,
  generateCopyOf,
  generateIgnoreOf,
  generateSourceOf,
  USUAL_NAMES,
} from "./parts.ts";
import type { Random } from "./random.ts";

const DESTINATIONS = [
  "/",
  "/x",
  "/x/",
  "/x/y",
  "/d/",
  "/d/e/f",
  "./",
  ".",
  "rel",
  "rel/",
  "/usr/local/",
  "/etc/new",
];
const OWNERS = ["7", "7:8", "app", "app:staff", "nobody"];
const MODES = [0o644, 0o644, 0o755, 0o600, 0o444];

const COPY_WORDS: CopyWords = {
  owners: OWNERS,
  destinations: DESTINATIONS,
  symbolicModes: ["u+x", "go-r", "a=rX", "g=u,o="],
  hasUnpack: false,
};

export function generate(random: Random, name: string, isNewer = false): Draft {
  const context = generateContext(random);
  const paths = Object.keys(context);
  const choice = { random, paths, isNewer };
  const stages = random.count(1, 3);
  const instructions: string[] = [];
  for (let stage = 0; stage < stages; stage++) {
    instructions.push(`FROM ${generateBase(random, stage)} AS s${stage}`);
    const runs = () =>
      instructions.findLast((line) => line.startsWith("FROM "))?.includes("busybox") ?? false;
    for (let left = random.count(1, 5); left > 0; left--)
      instructions.push(generateInstruction(choice, stage, runs()));
  }
  return {
    name,
    instructions,
    context,
    ignore: random.chance(0.5) ? generateIgnoreOf(random, paths, () => []) : [],
  };
}

function generateBase(random: Random, stage: number): string {
  const bases = ["scratch", "varve/busybox:1", "varve/busybox:1", "varve/layered:1"];
  return stage > 0 && random.chance(0.3) ? `s${random.count(0, stage - 1)}` : random.pick(bases);
}

function generateContext(random: Random): Record<string, ContextEntry> {
  const entryOf = (path: string) =>
    random.chance(0.1)
      ? { dir: true as const, mode: random.pick([0o755, 0o700, 0o775]) }
      : { content: `${path} ${random.count(0, 99)}\n`, mode: random.pick(MODES) };
  return generateContextOf(random, {
    names: USUAL_NAMES,
    modes: MODES,
    targets: ["missing", "/etc"],
    entryOf,
  });
}

function generateInstruction(choice: Choice, stage: number, runs: boolean): string {
  const { random, paths, isNewer } = choice;
  const kinds = [
    "COPY",
    "COPY",
    "COPY",
    "FROM",
    "ADD",
    "HEREDOC",
    "WORKDIR",
    "ENV",
    "LABEL",
    "USER",
    "CMD",
    "ONBUILD",
  ];
  if (runs) kinds.push("RUN", "RUN", "RUN", "SCRIPT", "MOUNT");
  if (isNewer) kinds.push("COPY", "COPY", "SETTING");
  switch (random.pick(kinds)) {
    case "COPY":
      return generateCopyOf(
        choice,
        "COPY",
        random.several(1, 2, () => generateSourceOf(choice, () => [])),
        COPY_WORDS,
      );
    case "FROM": {
      if (stage === 0) return "WORKDIR /w";
      const source = random.pick(["/x", "/d/", "/etc/passwd", "/", "/x/*", "/d/*.txt", "/rel"]);
      return generateCopyFrom(choice, { from: () => `s${random.count(0, stage - 1)}`, source }, COPY_WORDS);
    }
    case "ADD":
      return generateCopyOf(choice, "ADD", [random.pick(["in.tar", random.pick(paths)])], COPY_WORDS);
    case "HEREDOC":
      return `COPY <<one <<"two" /h/\nvalue $V\none\nliteral $V\ntwo`;
    case "WORKDIR":
      return `WORKDIR ${random.pick(["/w", "rel", "/d/deep", "..", "/x"])}`;
    case "ENV":
      return `ENV ${random.pick(["V=1", "V=$V-$PATH", 'V="a b"', "W=${V:-none} X=$W"])}`;
    case "LABEL":
      return `LABEL ${random.pick(["a=b", "a=$V", 'c="d e"'])}`;
    case "USER":
      return `USER ${random.pick(["root", "0:0", "1000", "app"])}`;
    case "CMD":
      return random.pick([
        'CMD ["a", "b"]',
        "CMD run $V",
        'ENTRYPOINT ["e"]',
        "ENTRYPOINT e",
        "STOPSIGNAL 9",
      ]);
    case "SETTING":
      return random.pick([
        "EXPOSE 80 53/udp",
        "EXPOSE 8000-8002",
        "HEALTHCHECK --interval=5s CMD true",
        "HEALTHCHECK NONE",
        "ARG V=1",
        "ARG W",
      ]);
    case "ONBUILD":
      return `ONBUILD ${random.pick(["LABEL on=build", "ENV V=on", "WORKDIR /onbuild"])}`;
    case "MOUNT": {
      const path = random.pick(["b.txt", ...paths.filter((one) => !one.includes(" "))]);
      return `RUN --mount=type=bind,target=/m cp -a ${random.pick([`/m/${path}`, "/m/.", "/m"])} ${random.pick(["/x", "/d/e", "/n"])} || true`;
    }
    case "SCRIPT":
      return `RUN <<end\n${generateCommand(random)}\n${generateCommand(random)}\nend`;
    default:
      return `RUN ${generateCommand(random)}`;
  }
}

function generateCommand(random: Random): string {
  const path = () => random.pick(["/x", "/x/y", "/d", "/d/e", "/w/f", "/h/one", "/usr/local/n"]);
  // Opening a FIFO to write waits for a reader.
  const write = () => {
    const to = path();
    return `test -p ${to} || echo text > ${to}`;
  };
  return `${random.pick([
    () => `mkdir -p ${path()}`,
    () => `rm -rf ${path()}`,
    () => `mv ${path()} ${path()}`,
    () => `ln -f ${path()} ${path()}`,
    () => `ln -sf ${path()} ${path()}`,
    () => `chmod ${random.pick(["700", "u+s", "a+w"])} ${path()}`,
    () => `chown 5:6 ${path()}`,
    write,
    () => `cp -a ${path()} ${path()}`,
    () => `mkfifo ${path()}`,
  ])()} 2>/dev/null || true`;
}
