import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { bases, indexes } from "../bases/index.ts";
import { dockerArchive, imageBytes } from "../bases/oci.ts";
import { type Addresses, blank, blankImage, type Case, fill, type RunFlags } from "../case.ts";
import { writeContext } from "../context.ts";
import { pullImage } from "../pull.ts";
import type { Failure, Outcome } from "../result.ts";

interface Run {
  status: number;
  stdout: Uint8Array;
  stderr: string;
}

// buildx would pass SOURCE_DATE_EPOCH on as a build argument.
const { SOURCE_DATE_EPOCH: _, ...inherited } = process.env;
const environment = { ...inherited, BUILDX_NO_DEFAULT_ATTESTATIONS: "1" };

/** Names of all bases that the registry has. */
const baseNames = [...new Set([...bases, ...indexes.flat()].map((base) => base.name))];

/** Milliseconds after which a command of docker is ended. */
const MAX_MS = 600_000;

function run(args: string[], input?: Uint8Array): Promise<Run> {
  const child = spawn("docker", args, { env: environment, timeout: MAX_MS });
  const stdout: Uint8Array[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Uint8Array) => stdout.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? 1, stdout: Buffer.concat(stdout), stderr }));
  });
}

/** Runs a docker command and returns its output. Throws with its error output when it fails. */
export async function docker(args: string[], input?: Uint8Array): Promise<Uint8Array> {
  const { status, stdout, stderr } = await run(args, input);
  if (status !== 0) throw new Error(`docker ${args.slice(0, 2).join(" ")} failed: ${stderr}`);
  return stdout;
}

/** Loads the base images into the daemon, under unique names. */
export async function loadBases(): Promise<void> {
  await docker(["load"], dockerArchive(bases.map(imageBytes)));
}

/** Removes the base images, because the daemon may be one in use. */
export async function removeBases(): Promise<void> {
  await run(["image", "rm", ...bases.map((base) => base.name)]);
}

/** The versions of the two programs that decide the result of a build. */
export async function dockerVersion(): Promise<string> {
  const server = await docker(["version", "--format", "{{.Server.Version}}"]);
  return new TextDecoder().decode(server).trim();
}

/** A case built by docker, and the digests of its uncompressed layers, base first. */
export interface DockerBuild {
  outcome: Outcome;
  diffIds: string[];
}

/** Builds an image from a Dockerfile alone and puts it into the registry, as `library/<image>`. */
export async function pushWithDocker(
  image: string,
  dockerfile: string,
  { registry }: Addresses,
  { fromRegistry = [] }: DockerOptions = {},
): Promise<void> {
  const name = `${registry}/library/${image}`;
  const flags = fromRegistry.flatMap((base) => namedContext(base, registry));
  await docker(["buildx", "build", "--tag", name, ...flags, "-"], Buffer.from(dockerfile));
  await docker(["push", "--quiet", name]);
  await run(["image", "rm", name]);
}

function namedContext(image: string, registry: string): string[] {
  const repository = image.includes("/") ? image : `library/${image}`;
  return ["--build-context", `${image}=docker-image://${registry}/${repository}`];
}

/** Options of a build with docker besides its case. */
interface DockerOptions {
  /** Names of images that the registry has as Docker Hub would, where the daemon may have others of these names. */
  fromRegistry?: readonly string[];
  /** A builder of buildx that builds instead of the daemon, and reads the bases from the registry. */
  builder?: string;
}

/** Builds a case without any cache. The daemon must have the bases. */
export async function buildWithDocker(
  testCase: Case,
  addresses: Addresses,
  options: DockerOptions = {},
): Promise<DockerBuild> {
  using folder = temporaryFolder();
  // A new folder for each build, because BuildKit caches contexts by folder and compares only metadata.
  const context = join(folder.path, "context");
  const filled = { ...testCase, dockerfile: forBuiltIn(fill(testCase.dockerfile, addresses)) };
  await writeContext(filled, addresses, context);
  const flags = [
    ...["--file", join(context, testCase.dockerfilePath ?? "Dockerfile")],
    ...Object.entries(testCase.args ?? {}).flatMap(([k, v]) => ["--build-arg", `${k}=${fill(v, addresses)}`]),
    ...Object.entries(testCase.labels ?? {}).flatMap(([k, v]) => ["--label", `${k}=${v}`]),
    ...(await secretFlags(testCase.secrets ?? {}, folder.path)),
    ...(testCase.allow ?? []).flatMap((right) => ["--allow", right]),
    ...runFlags(testCase.run ?? {}),
    ...(testCase.target === undefined ? [] : ["--target", testCase.target]),
    ...(testCase.platform === undefined ? [] : ["--platform", testCase.platform]),
  ];
  return await buildFolder(testCase.name, context, flags, addresses, options);
}

/** Builds a folder without a cache, with these flags, and returns the image under a unique name. */
export async function buildFolder(
  name: string,
  folder: string,
  flags: readonly string[],
  addresses: Addresses,
  { fromRegistry = [], builder }: DockerOptions = {},
): Promise<DockerBuild> {
  const { registry } = addresses;
  const image = `${registry}/cases:${name}`;
  const build = ["buildx", "build", "--no-cache", "--progress=plain", "--tag", image];
  if (builder !== undefined) build.push("--builder", builder, "--push");
  try {
    const images = builder === undefined ? fromRegistry : [...fromRegistry, ...baseNames];
    const built = await run([
      ...build,
      ...flags,
      ...images.flatMap((one) => namedContext(one, registry)),
      folder,
    ]);
    if (built.status !== 0) return { outcome: failure(built.stderr, addresses), diffIds: [] };
    // Not `docker save`, which rejects an image without layers.
    if (builder === undefined) await docker(["push", "--quiet", image]);
    const pulled = await pullImage(`http://${registry}/v2/cases`, name);
    return { outcome: blankImage(pulled.image, addresses), diffIds: pulled.diffIds };
  } finally {
    if (builder === undefined) await run(["image", "rm", image]);
  }
}

function runFlags({ network, hosts = [], ulimits = [], shmSize }: RunFlags): string[] {
  return [
    ...(network === undefined ? [] : ["--network", network]),
    ...hosts.flatMap((host) => ["--add-host", host]),
    ...ulimits.flatMap(({ name, soft, hard }) => ["--ulimit", `${name}=${soft}:${hard}`]),
    ...(shmSize === undefined ? [] : ["--shm-size", String(shmSize)]),
  ];
}

async function secretFlags(secrets: Record<string, string>, folder: string): Promise<string[]> {
  const flags: string[] = [];
  for (const [index, [id, value]] of Object.entries(secrets).entries()) {
    const path = join(folder, `secret-${index}`);
    await writeFile(path, value);
    flags.push("--secret", `id=${id},src=${path}`);
  }
  return flags;
}

/** A Dockerfile without its `syntax` directive. No front end can be fetched, so the daemon uses its own. */
export function forBuiltIn(dockerfile: string): string {
  return dockerfile.replace(/^# *syntax=.*$/m, "# the front end is built in");
}

/** The last `ERROR:` line, without what differs from run to run, and the marked line of the Dockerfile. */
function failure(stderr: string, addresses: Addresses): Failure {
  const message = stderr.match(/^ERROR: (.*)$/ms)?.[1] ?? stderr;
  const error = blank(message, addresses)
    .trim()
    .replace(/^failed to solve: /, "")
    // The daemon sometimes adds these words.
    .replace(/^failed to run Build function: /, "")
    .replace(/\/(?:var|tmp)\/\S*\/(?:buildkit-mount\d+|merged)/g, "<mount>")
    .replace(/ref [a-z0-9-]+::[a-z0-9]+/g, "ref <ref>");
  const line = stderr.match(/^ *(\d+) \| >>> /m)?.[1];
  return { error, ...(line === undefined ? {} : { line: Number(line) }) };
}
