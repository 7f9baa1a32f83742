import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  data,
  declarations,
  manifest,
  minified,
  readme,
  script,
  sourceMap,
  type Vocabulary,
  vocabulary,
} from "./code.ts";
import { type Random, random } from "./random.ts";
import { words } from "./words.ts";

/** A file of the generated context. */
export interface ContextFile {
  path: string;
  content: Uint8Array;
  mode: number;
}

/** The benchmark's Dockerfile: metadata, a large layer that rarely changes, and a small one that often does. */
const dockerfile = `FROM scratch
WORKDIR /app
COPY package.json package-lock.json ./
COPY node_modules ./node_modules
COPY src ./src
EXPOSE 3000
CMD ["node", "src/server.js"]
`;

/** Files and bytes of a context of scale 1, roughly: 31,000 files, 430 MB. */
const PACKAGES = 1060;

const encoder = new TextEncoder();

/** Sizes of source files: most are small, a few are very big (log-normal, median 3.3 kB). */
function size(generator: Random, median: number, spread: number): number {
  const bell = Math.sqrt(-2 * Math.log(1 - generator.next())) * Math.cos(2 * Math.PI * generator.next());
  return Math.min(Math.round(median * Math.exp(spread * bell)), 2_000_000);
}

type Writer = (generator: Random, names: Vocabulary, bytes: number) => string;

/** Files of a package besides its manifest and its README, with their frequencies. */
const kinds: {
  folder: string;
  extension: string;
  share: number;
  median: number;
  spread: number;
  write: Writer;
}[] = [
  { folder: "lib", extension: ".js", share: 0.5, median: 3500, spread: 1.35, write: script },
  { folder: "types", extension: ".d.ts", share: 0.2, median: 1800, spread: 1.3, write: declarations },
  { folder: "dist", extension: ".js.map", share: 0.13, median: 7500, spread: 1.5, write: sourceMap },
  { folder: "dist", extension: ".min.js", share: 0.08, median: 9500, spread: 1.5, write: minified },
  { folder: "data", extension: ".json", share: 0.05, median: 2800, spread: 1.6, write: data },
  { folder: "docs", extension: ".md", share: 0.04, median: 4000, spread: 1.0, write: readme },
];

function kindOf(generator: Random) {
  let share = generator.next();
  for (const kind of kinds) {
    share -= kind.share;
    if (share < 0) return kind;
  }
  return kinds[0] as (typeof kinds)[number];
}

function text(path: string, content: string, mode = 0o644): ContextFile {
  return { path, content: encoder.encode(content), mode };
}

/** Bytes like those of a compiled program (partly noise), or of compressed data (only noise). */
function binary(generator: Random, length: number, noise: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= length; at += 4) {
    const pattern = (at >>> 6) % 509;
    view.setUint32(at, generator.next() < noise ? generator.below(2 ** 32) : pattern);
  }
  return bytes;
}

function packageName(generator: Random, index: number): string {
  const name = `${generator.pick(words)}-${generator.pick(words)}${index}`;
  return generator.below(4) === 0 ? `@${generator.pick(words)}/${name}` : name;
}

const licence = `${"Permission is hereby granted, free of charge, to any person obtaining a copy of this software. ".repeat(11)}\n`;

function* packageFiles(generator: Random, folder: string, names: Vocabulary): Generator<ContextFile> {
  yield text(`${folder}/package.json`, manifest(generator, names));
  yield text(`${folder}/README.md`, readme(generator, names, size(generator, 3500, 0.9)));
  yield text(`${folder}/LICENSE`, `MIT License\n\nCopyright (c) ${names.name}\n\n${licence}`);
  // Many packages are tiny, some have hundreds of files.
  const count = Math.min(size(generator, 15, 1.05), 600);
  for (let index = 0; index < count; index += 1) {
    const { folder: kind, extension, median, spread, write } = kindOf(generator);
    const deep = generator.below(5) === 0 ? `${generator.pick(words)}/` : "";
    const path = `${folder}/${kind}/${deep}${generator.pick(words)}-${index}${extension}`;
    yield text(
      path,
      write(generator, names, size(generator, median, spread)),
      generator.below(60) === 0 ? 0o755 : 0o644,
    );
  }
}

/** Programs and media in packages. */
function* binaries(generator: Random, folder: string): Generator<ContextFile> {
  const file = (path: string, megabytes: number, noise: number): ContextFile => ({
    path: `${folder}/${path}`,
    content: binary(generator, megabytes * 1_000_000, noise),
    mode: noise < 1 ? 0o755 : 0o644,
  });
  yield file("@compiler/linux-x64/bin/compiler", 12, 0.12);
  yield file("@engine/linux-x64/engine.node", 48, 0.12);
  yield file("@images/linux-x64/images.node", 20, 0.12);
  yield file("fonts-pack/files/fonts.woff2", 6, 1);
  yield file("parser-wasm/parser.wasm", 10, 0.16);
  yield file("sample-media/media/intro.mp4", 12, 1);
}

function* applicationFiles(generator: Random): Generator<ContextFile> {
  const names = vocabulary(generator, "app");
  yield text("Dockerfile", dockerfile);
  yield text(".dockerignore", ".git\n*.log\n");
  yield text("package.json", manifest(generator, names));
  yield text("package-lock.json", data(generator, names, 420_000));
  yield text("src/server.js", script(generator, names, 4000));
  for (let index = 0; index < 240; index += 1) {
    const path = `src/${generator.pick(words)}/${generator.pick(words)}-${index}.js`;
    yield text(path, script(generator, names, size(generator, 2500, 0.9)));
  }
}

/**
 * A context that looks like a Node project with its dependencies: the same for the same scale, on every machine.
 *
 * @param scale 1 is about 31,000 files and 430 MB; 6 is more than 2 GiB.
 */
export function* contextFiles(scale = 1): Generator<ContextFile> {
  yield* applicationFiles(random(1));
  for (let part = 0; part < scale; part += 1) {
    // From the second part on, a work space has packages of its own.
    const folder = part === 0 ? "node_modules" : `node_modules/.part-${part}/node_modules`;
    for (let index = 0; index < PACKAGES; index += 1) {
      const generator = random(1_000_000 * (part + 1) + index);
      const name = packageName(generator, index);
      yield* packageFiles(generator, `${folder}/${name}`, vocabulary(generator, name));
    }
    yield* binaries(random(1000 + part), folder);
  }
}

/** Writes the context into a folder. @returns the number of files and bytes */
export function writeContext(folder: string, scale = 1): { files: number; bytes: number } {
  const made = new Set<string>();
  const total = { files: 0, bytes: 0 };
  for (const { path, content, mode } of contextFiles(scale)) {
    const place = join(folder, path);
    const parent = dirname(place);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    writeFileSync(place, content);
    if (mode !== 0o644) chmodSync(place, mode);
    total.files += 1;
    total.bytes += content.length;
  }
  return total;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , folder, scale = "1"] = process.argv;
  if (folder === undefined) throw new Error("Say where: make-context.ts <folder> [scale]");
  const { files, bytes } = writeContext(folder, Number(scale));
  console.log(`${files} files, ${(bytes / 1e6).toFixed(0)} MB in ${folder}`);
}
