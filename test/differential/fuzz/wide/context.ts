import type { Member } from "../../archive/member.ts";
import type { Compression, ContextEntry } from "../../case.ts";
import type { Random } from "../random.ts";

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
  "it's",
  "b\\c",
  "$V",
  "#h",
  "e\nf",
  "Dockerfile.txt",
  "z".repeat(110),
];
const ABOVE = ["dir", "lib", "pkg", "src", "node_modules"];
const MODES = [0o644, 0o644, 0o644, 0o755, 0o600, 0o444, 0o4755, 0o2775, 0];
/** Before 1970, within a second of it, after 2038, and beyond what 33 bits hold. */
const TIMES = [-86_400, 0, 1, 2_500_000_000, 9_000_000_000];

function generatePath(random: Random): string {
  const parents = random.several(0, 2, () => random.pick(ABOVE));
  return [...parents, random.pick(NAMES)].join("/");
}

export function generateContext(random: Random): Record<string, ContextEntry> {
  const context: Record<string, ContextEntry> = {};
  const isFree = (path: string) =>
    Object.keys(context).every(
      (other) => other !== path && !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`),
    );
  for (const path of random.several(3, 9, () => generatePath(random))) {
    if (!isFree(path)) continue;
    context[path] = generateEntry(random, path);
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
    context["0link"] = {
      symlink: random.pick([...Object.keys(context), "missing", "/etc", "0link", ".", "dir", "../out"]),
    };
  if (random.chance(0.25)) context["in.tar"] = generateArchive(random);
  return context;
}

function generateEntry(random: Random, path: string): ContextEntry {
  if (random.chance(0.1)) return { dir: true, mode: random.pick([0o755, 0o700, 0o775, 0o1777, 0o2755]) };
  if (random.chance(0.03)) return { fifo: true };
  const text = random.chance(0.1) ? "" : `${path} ${random.count(0, 99)}\n`;
  return {
    content: random.chance(0.01) ? text.padEnd(9 << 20, `${path} `) : text,
    mode: random.pick(MODES),
    ...(random.chance(0.04) && { bindsLowPorts: true }),
    ...(random.chance(0.05) && { mtime: random.pick(TIMES) }),
  };
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

export function generateIgnore(random: Random, paths: readonly string[]): string[] {
  const pattern = () => {
    const path = random.pick(paths);
    const last = path.split("/").at(-1) ?? path;
    const first = path.split("/")[0] ?? path;
    const pattern = random.pick([
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
      "**",
      ".",
      `./${path}`,
      `${first}/../${path}`,
      "Dockerfile",
    ]);
    return pattern.replaceAll("\n", "?");
  };
  return random.several(1, 5, () => (random.chance(0.35) ? "!" : "") + pattern());
}
