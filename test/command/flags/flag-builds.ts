import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { BuildOptions } from "../../../schemas/options.ts";
import { buildFlagTable } from "../../../src/command/flags/build-flag-table.ts";
import { type BuildFlags, readBuildFlags } from "../../../src/command/flags/build-flags.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";
import type { LocalServer } from "../../../src/serve/local-server.ts";
import { type Run, startServer, varve } from "../../cli/server.ts";
import { type Files, temporaryFolder } from "../../helpers/temporary-folder.ts";

// Builds with flags, for the tests of this folder.

let server: LocalServer & AsyncDisposable;
const folders: Disposable[] = [];

/** Starts a server for the tests of a file. */
export function withServer(): void {
  beforeAll(async () => {
    server = await startServer();
  }, 120_000);
  afterAll(async () => {
    for (const folder of folders) folder[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });
}

export function serverUrl(): string {
  return server.url;
}

export const files: Files = {
  Dockerfile: "ARG A=none\nFROM scratch AS one\nCOPY a /\nFROM one AS two\nARG A\nLABEL arg=$A\nCOPY b /\n",
  other: "FROM scratch\nLABEL file=other\n",
  a: "a",
  b: "b",
};

export interface Built extends Run {
  folder: string;
  manifest(reference?: string): Promise<Manifest>;
  config(): Promise<Config>;
  /** The bytes of the first layer. */
  firstLayer(): Promise<Uint8Array>;
  /** Its repository. */
  name: string;
}
interface Manifest {
  mediaType: string;
  config?: { digest: string; mediaType: string };
  layers?: { mediaType: string; digest: string; size: number }[];
  manifests?: { digest: string; mediaType: string; annotations?: object; platform: { os: string } }[];
  annotations?: Record<string, string>;
}
interface Config {
  architecture: string;
  created?: string;
  config: { Labels?: Record<string, string> };
  rootfs: { diff_ids: string[] };
}

let count = 0;
/** Builds as `flags/<number>`. */
export async function build(
  words: string[],
  given: Files = files,
  env: Record<string, string> = {},
): Promise<Built> {
  const name = `flags/${++count}`;
  const folder = temporaryFolder(given);
  folders.push(folder);
  const all = words.map((word) =>
    word.replaceAll("{{folder}}", folder.path).replaceAll("{{host}}", hostOf()),
  );
  const tag = all.some((word) => /^(-t|--tag)/.test(word)) ? [] : ["-t", name];
  const run = await varve(["build", "--progress=plain", ...tag, ...all, folder.path], {
    cwd: folder.path,
    env: { VARVE_SERVER: server.url, XDG_CACHE_HOME: join(folder.path, "cache"), ...env },
  });
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${server.url}/v2/${path}`, { headers: { accept: "*/*" } });
    return (await answer.json()) as T;
  };
  const manifest = (reference = "latest") => get<Manifest>(`${name}/manifests/${reference}`);
  return {
    ...run,
    name,
    folder: folder.path,
    manifest,
    async firstLayer() {
      const [layer] = (await manifest()).layers ?? [];
      const answer = await fetch(`${server.url}/v2/${name}/blobs/${layer?.digest}`);
      return new Uint8Array(await answer.arrayBuffer());
    },
    config: async () => get<Config>(`${name}/blobs/${(await manifest()).config?.digest}`),
  };
}

export function hostOf(): string {
  return new URL(server.url).host;
}

export async function tagsOf(name: string): Promise<string[] | null> {
  const answer = await fetch(`${server.url}/v2/${name}/tags/list`);
  return ((await answer.json()) as { tags: string[] | null }).tags;
}

export function optionsOf(...words: string[]): Partial<BuildOptions> {
  const { values, args } = parseFlags(buildFlagTable, [...words, "."]);
  return readBuildFlags(values, args, { HOME: "/nonexistent" }).options;
}

export async function labelsOf(...words: string[]): Promise<Record<string, string> | undefined> {
  return (await (await build(words)).config()).config.Labels;
}

/** The documentation of the command. */
export const reference = readFileSync("docs/cli.md", "utf8");
export const digest = /^sha256:[0-9a-f]{64}\n$/;

export function flagsOf(...words: string[]): BuildFlags {
  const { values, args } = parseFlags(buildFlagTable, [...words, "."]);
  return readBuildFlags(values, args, {});
}
