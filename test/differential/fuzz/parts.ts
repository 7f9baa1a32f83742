import type { Member } from "../archive/member.ts";
import type { Compression, ContextEntry } from "../case.ts";
import type { Random } from "./random.ts";

// The parts that both grammars share.

/** Names of files and directories. */
export const USUAL_NAMES: readonly string[] = [
  ..."a b.txt c.md dir lib pkg src .env".split(" "),
  "x y",
  "ü",
  "[id].ts",
  "node_modules",
];

const ABOVE = ["dir", "lib", "pkg", "src", "node_modules"];

/** What an instruction is generated from. */
export interface Choice {
  random: Random;
  /** Paths of the context. */
  paths: readonly string[];
  /** For a builder newer than that of the daemon: see `Draft`. */
  isNewer: boolean;
}

interface ContextWords {
  /** Of files and directories. */
  names: readonly string[];
  /** Of the members of an archive. */
  modes: readonly number[];
  /** Targets of a symbolic link, besides the paths of the context. */
  targets: readonly string[];
  entryOf(path: string): ContextEntry;
}

/** Files, directories, hard links, a symbolic link and an archive. */
export function generateContextOf(
  random: Random,
  { names, modes, targets, entryOf }: ContextWords,
): Record<string, ContextEntry> {
  const context: Record<string, ContextEntry> = {};
  const isFree = (path: string) =>
    Object.keys(context).every(
      (other) => other !== path && !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`),
    );
  for (const path of random.several(3, 9, () => generatePath(random, names)))
    if (isFree(path)) context[path] = entryOf(path);
  const files = Object.entries(context).flatMap(([path, entry]) =>
    // A hard link has the mode of its file, so only files with the default mode get links.
    typeof entry === "object" && "content" in entry && entry.mode === 0o644 ? path : [],
  );
  for (const name of ["zz-hard", "dir/zz-hard", "src/zz-other"]) {
    if (files.length > 0 && random.chance(0.2) && isFree(name))
      context[name] = { hardlink: random.pick(files) };
  }
  // A tar that is read while it arrives needs links before what they lead to.
  if (random.chance(0.4)) context["0link"] = { symlink: random.pick([...Object.keys(context), ...targets]) };
  if (random.chance(0.25)) context["in.tar"] = generateArchive(random, modes);
  return context;
}

function generatePath(random: Random, names: readonly string[]): string {
  const parents = random.several(0, 2, () => random.pick(ABOVE));
  return [...parents, random.pick(names)].join("/");
}

function generateArchive(random: Random, modes: readonly number[]): ContextEntry {
  const metadata = () => ({ mode: random.pick(modes), uid: random.pick([0, 7]), gid: 0 });
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

/** Lines of an ignore file. @param more further patterns for a path and its first name */
export function generateIgnoreOf(
  random: Random,
  paths: readonly string[],
  more: (path: string, first: string) => readonly string[],
): string[] {
  const pattern = () => {
    const path = random.pick(paths);
    const last = path.split("/").at(-1) ?? path;
    const first = path.split("/")[0] ?? path;
    const usual = [path, first, `**/${last}`, `${first}/**`, "*", "*.md", "**/*.txt", `/${first}/`, "[a-d]*"];
    return random.pick([...usual, `*/${last}`, ...more(path, first)]).replaceAll("\n", "?");
  };
  return random.several(1, 5, () => (random.chance(0.35) ? "!" : "") + pattern());
}

/** A source of COPY in the context. @param more further ones for a path and its first name */
export function generateSourceOf(
  { random, paths }: Choice,
  more: (path: string, first: string) => readonly string[],
): string {
  const path = random.pick(paths);
  const [first = path] = path.split("/");
  const usual = [path, path, first, ".", `${first}/`, `${first}/*`, "*", "*.txt", "[a-d]*", `${first}*`];
  return random.pick([...usual, "none*", ...more(path, first)]);
}

export interface CopyWords {
  owners: readonly string[];
  destinations: readonly string[];
  symbolicModes: readonly string[];
  /** `--unpack` of ADD, for a newer builder. */
  hasUnpack: boolean;
}

export function generateCopyOf(
  choice: Choice,
  kind: "COPY" | "ADD",
  sources: readonly string[],
  words: CopyWords,
): string {
  const { random, isNewer } = choice;
  const flags: string[] = [];
  if ((kind === "COPY" || isNewer) && random.chance(0.2)) flags.push(`--chown=${random.pick(words.owners)}`);
  const hasMode = random.chance(0.15);
  if (hasMode) {
    const octal = ["600", "755", "4711"];
    flags.push(`--chmod=${random.pick(isNewer ? [...octal, ...words.symbolicModes] : octal)}`);
  }
  if (isNewer) flags.push(...generateNewerFlags(choice, kind, words));
  // See `Draft`: only into a directory that always exists.
  const destination = hasMode && !isNewer ? "/" : random.pick(words.destinations);
  const several = sources.length > 1 || sources.some((source) => source.includes("*"));
  const place =
    several && destination !== "." && !destination.endsWith("/") ? `${destination}/` : destination;
  return [kind, ...flags, quoted([...sources, place])].join(" ");
}

/** COPY from a stage or an image. */
export function generateCopyFrom(
  choice: Choice,
  { from, source }: { from: () => string; source: string },
  words: CopyWords,
): string {
  const { random, isNewer } = choice;
  const owner = random.chance(0.2) ? [`--chown=${random.pick(words.owners)}`] : [];
  const flags = isNewer ? generateNewerFlags(choice, "COPY", words) : [];
  const all = [`--from=${from()}`, ...owner, ...flags];
  return `COPY ${all.join(" ")} ${quoted([source, random.pick(words.destinations)])}`;
}

function generateNewerFlags(
  { random, paths }: Choice,
  kind: "COPY" | "ADD",
  { hasUnpack }: CopyWords,
): string[] {
  const path = random.pick(paths);
  const [first = path] = path.split("/");
  const last = path.split("/").at(-1) ?? path;
  const pattern = () => random.pick([path, first, last, `**/${last}`, "*.txt", `${first}/*`, "!*.md", "*"]);
  const exclude = () => `--exclude=${pattern().replaceAll(/\s/g, "?")}`;
  return [
    ...(random.chance(0.2) ? ["--link"] : []),
    ...(kind === "COPY" && random.chance(0.15) ? ["--parents"] : []),
    ...(hasUnpack && kind === "ADD" && random.chance(0.2)
      ? [random.pick(["--unpack", "--unpack=false"])]
      : []),
    ...(random.chance(0.2) ? random.several(1, 2, exclude) : []),
  ];
}

/** The JSON form where a name has white space. */
function quoted(words: readonly string[]): string {
  return words.some((word) => /\s/.test(word)) ? JSON.stringify(words) : words.join(" ");
}
