import type { Member } from "../archive/member.ts";
import type { Compression, ContextEntry } from "../case.ts";
import type { Draft } from "./draft.ts";
import type { Random } from "./random.ts";

/** What is generated. */
interface Choice {
  random: Random;
  /** Paths of the context. */
  paths: readonly string[];
  /** For a builder newer than that of the daemon: see `Draft`. */
  isNewer: boolean;
}

const NAMES = [
  "a",
  "b.txt",
  "c.md",
  "dir",
  "lib",
  "pkg",
  "src",
  ".env",
  "x y",
  "ü",
  "[id].ts",
  "node_modules",
];
const ABOVE = ["dir", "lib", "pkg", "src", "node_modules"];
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
  return { name, instructions, context, ignore: random.chance(0.5) ? generateIgnore(random, paths) : [] };
}

function generateBase(random: Random, stage: number): string {
  const bases = ["scratch", "varve/busybox:1", "varve/busybox:1", "varve/layered:1"];
  return stage > 0 && random.chance(0.3) ? `s${random.count(0, stage - 1)}` : random.pick(bases);
}

function generatePath(random: Random): string {
  const parents = random.several(0, 2, () => random.pick(ABOVE));
  return [...parents, random.pick(NAMES)].join("/");
}

function generateContext(random: Random): Record<string, ContextEntry> {
  const context: Record<string, ContextEntry> = {};
  const isFree = (path: string) =>
    Object.keys(context).every(
      (other) => other !== path && !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`),
    );
  for (const path of random.several(3, 9, () => generatePath(random))) {
    if (!isFree(path)) continue;
    context[path] = random.chance(0.1)
      ? { dir: true, mode: random.pick([0o755, 0o700, 0o775]) }
      : { content: `${path} ${random.count(0, 99)}\n`, mode: random.pick(MODES) };
  }
  const files = Object.entries(context).flatMap(([path, entry]) =>
    // A hard link has the mode of its file, which cases say only of files with the usual one.
    typeof entry === "object" && "content" in entry && entry.mode === 0o644 ? path : [],
  );
  for (const name of ["zz-hard", "dir/zz-hard", "src/zz-other"]) {
    if (files.length > 0 && random.chance(0.2) && isFree(name))
      context[name] = { hardlink: random.pick(files) };
  }
  // A tar that is read while it arrives needs links before what they lead to.
  if (random.chance(0.4))
    context["0link"] = { symlink: random.pick([...Object.keys(context), "missing", "/etc"]) };
  if (random.chance(0.25)) context["in.tar"] = generateArchive(random);
  return context;
}

function generateArchive(random: Random): ContextEntry {
  const metadata = () => ({ mode: random.pick(MODES), uid: random.pick([0, 7]), gid: 0 });
  const member = (path: string): Member => ({
    path,
    type: "file",
    ...metadata(),
    content: new TextEncoder().encode(path),
  });
  const more: Member[] = [
    { path: "t4", type: "symlink", mode: 0o777, uid: 0, gid: 0, link: random.pick(["t1", "/etc", "none"]) },
    { path: "sub", type: "dir", ...metadata(), mode: random.pick([0o755, 0o700]) },
    { path: "x/t5", type: "hardlink", ...metadata(), link: "t1" },
  ];
  const compression = random.pick<Compression | undefined>([undefined, "gzip", "xz"]);
  return {
    tar: [
      ...["t1", "sub/t2", "x/t3"].slice(0, random.count(1, 3)).map(member),
      ...more.filter(() => random.chance(0.3)),
    ],
    ...(compression !== undefined && { compression }),
  };
}

function generateIgnore(random: Random, paths: readonly string[]): string[] {
  const pattern = () => {
    const path = random.pick(paths);
    const last = path.split("/").at(-1) ?? path;
    const first = path.split("/")[0] ?? path;
    return random.pick([
      path,
      first,
      `**/${last}`,
      `${first}/**`,
      "*",
      "*.md",
      "**/*.txt",
      `/${first}/`,
      "[a-d]*",
      `*/${last}`,
    ]);
  };
  return random.several(1, 5, () => (random.chance(0.35) ? "!" : "") + pattern());
}

function generateSource({ random, paths }: Choice): string {
  const path = random.pick(paths);
  const [first = path] = path.split("/");
  return random.pick([
    path,
    path,
    first,
    ".",
    `${first}/`,
    `${first}/*`,
    "*",
    "*.txt",
    "[a-d]*",
    `${first}*`,
    "none*",
  ]);
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
      return generateCopy(
        choice,
        "COPY",
        random.several(1, 2, () => generateSource(choice)),
      );
    case "FROM": {
      if (stage === 0) return "WORKDIR /w";
      const source = random.pick(["/x", "/d/", "/etc/passwd", "/", "/x/*", "/d/*.txt", "/rel"]);
      const owner = random.chance(0.2) ? ` --chown=${random.pick(OWNERS)}` : "";
      const flags = isNewer ? generateNewerFlags(choice, "COPY").map((flag) => ` ${flag}`) : [];
      const from = ` --from=s${random.count(0, stage - 1)}`;
      return `COPY${from}${owner}${flags.join("")} ${quoted([source, random.pick(DESTINATIONS)])}`;
    }
    case "ADD":
      return generateCopy(choice, "ADD", [random.pick(["in.tar", random.pick(paths)])]);
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

function generateCopy(choice: Choice, kind: "COPY" | "ADD", sources: readonly string[]): string {
  const { random, isNewer } = choice;
  const flags: string[] = [];
  if ((kind === "COPY" || isNewer) && random.chance(0.2)) flags.push(`--chown=${random.pick(OWNERS)}`);
  const hasMode = random.chance(0.15);
  if (hasMode) {
    const octal = ["600", "755", "4711"];
    flags.push(`--chmod=${random.pick(isNewer ? [...octal, "u+x", "go-r", "a=rX", "g=u,o="] : octal)}`);
  }
  if (isNewer) flags.push(...generateNewerFlags(choice, kind));
  // See `Draft`: only into a directory that is always there.
  const destination = hasMode && !isNewer ? "/" : random.pick(DESTINATIONS);
  const several = sources.length > 1 || sources.some((source) => source.includes("*"));
  const place =
    several && destination !== "." && !destination.endsWith("/") ? `${destination}/` : destination;
  return [kind, ...flags, quoted([...sources, place])].join(" ");
}

function generateNewerFlags({ random, paths }: Choice, kind: "COPY" | "ADD"): string[] {
  const path = random.pick(paths);
  const [first = path] = path.split("/");
  const last = path.split("/").at(-1) ?? path;
  const pattern = () => random.pick([path, first, last, `**/${last}`, "*.txt", `${first}/*`, "!*.md", "*"]);
  const exclude = () => `--exclude=${pattern().replaceAll(" ", "?")}`;
  return [
    ...(random.chance(0.2) ? ["--link"] : []),
    ...(kind === "COPY" && random.chance(0.15) ? ["--parents"] : []),
    ...(random.chance(0.2) ? random.several(1, 2, exclude) : []),
  ];
}

/** The JSON form where a name has a space. */
function quoted(words: readonly string[]): string {
  return words.some((word) => word.includes(" ")) ? JSON.stringify(words) : words.join(" ");
}

function generateCommand(random: Random): string {
  const path = () => random.pick(["/x", "/x/y", "/d", "/d/e", "/w/f", "/h/one", "/usr/local/n"]);
  return `${random.pick([
    () => `mkdir -p ${path()}`,
    () => `rm -rf ${path()}`,
    () => `mv ${path()} ${path()}`,
    () => `ln -f ${path()} ${path()}`,
    () => `ln -sf ${path()} ${path()}`,
    () => `chmod ${random.pick(["700", "u+s", "a+w"])} ${path()}`,
    () => `chown 5:6 ${path()}`,
    () => `echo text > ${path()}`,
    () => `cp -a ${path()} ${path()}`,
    () => `mkfifo ${path()}`,
  ])()} 2>/dev/null || true`;
}
