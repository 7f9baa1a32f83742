import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { startRegistry } from "../differential/bases/registry.ts";
import { startServer } from "../differential/builders/varve.ts";
import { median, table } from "./table.ts";

// varve as a registry beside Debian's docker-registry: a large image in and out, and many small manifests.

const run = promisify(execFile);

const LAYERS = 5;
/** Of random bytes, which nothing makes smaller. */
const LAYER_SIZE = 100_000_000;
const MANIFESTS = 200;
const PULLED_AT_ONCE = 16;

const IMAGE = "application/vnd.oci.image.manifest.v1+json";

interface RegistryAt extends AsyncDisposable {
  url: string;
}

const registries: Record<string, () => Promise<RegistryAt>> = {
  "docker-registry": startRegistry,
  varve: startServer,
};

const measured = [
  { name: "skopeo copy of 500 MB, in", target: 2.0 },
  { name: "skopeo copy of 500 MB, out", target: 1.3 },
  { name: `${MANIFESTS} small manifests at ${PULLED_AT_ONCE} in parallel`, target: 1.3 },
];

/** Prints medians and ratios. Both registries are empty when a round begins. */
export async function compareRegistries(folder: string, rounds: number): Promise<void> {
  const image = join(folder, "image");
  await writeImage(image);
  const seconds = measured.map((): number[][] => [[], []]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [side, start] of Object.values(registries).entries()) {
      await using registry = await start();
      const times = await timesOf(registry.url, image, join(folder, "out"));
      for (const [index, time] of times.entries()) seconds[index]?.[side]?.push(time);
    }
  }
  const rows = measured.map(({ name, target }, index) => {
    const [theirs, ours] = (seconds[index] ?? []).map(median) as [number, number];
    return [
      name,
      `${theirs.toFixed(2)} s`,
      `${ours.toFixed(2)} s`,
      (ours / theirs).toFixed(2),
      target.toFixed(1),
    ];
  });
  console.log(`\n${table([["median", ...Object.keys(registries), "ratio", "target"], ...rows])}`);
}

async function timesOf(url: string, image: string, out: string): Promise<number[]> {
  const remote = `docker://${new URL(url).host}/bench:1`;
  // What skopeo knows of blobs elsewhere would spare it sending them.
  const skopeo = (...args: string[]) =>
    run("skopeo", ["copy", "--quiet", ...args], { env: { ...process.env, HOME: out } });
  await rm(out, { recursive: true, force: true });
  await mkdir(out);
  const sent = await timed(() => skopeo("--dest-tls-verify=false", `oci:${image}:1`, remote));
  const fetched = await timed(() => skopeo("--src-tls-verify=false", remote, `dir:${join(out, "image")}`));
  await rm(out, { recursive: true });
  await pushManifests(url);
  const pulled = await timed(() => pullManifests(url));
  return [sent, fetched, pulled];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** An OCI image layout with one image. */
async function writeImage(folder: string): Promise<void> {
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  const put = async (mediaType: string, bytes: Buffer) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    await writeFile(join(folder, "blobs/sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layers = [];
  for (let count = 0; count < LAYERS; count += 1) {
    layers.push(await put("application/vnd.oci.image.layer.v1.tar", randomBytes(LAYER_SIZE)));
  }
  const config = await put(
    "application/vnd.oci.image.config.v1+json",
    json({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const manifest = await put(IMAGE, json({ schemaVersion: 2, mediaType: IMAGE, config, layers }));
  const named = { ...manifest, annotations: { "org.opencontainers.image.ref.name": "1" } };
  await writeFile(join(folder, "index.json"), json({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(folder, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
}

/** Manifests that differ in an annotation, all of the config of the image that is there. */
async function pushManifests(url: string): Promise<void> {
  const answer = await fetch(`${url}/v2/bench/manifests/1`, { headers: { accept: IMAGE } });
  const manifest = (await answer.json()) as object;
  for (let number = 0; number < MANIFESTS; number += 1) {
    const body = json({ ...manifest, annotations: { number: String(number) } });
    const headers = { "content-type": IMAGE };
    const put = await fetch(`${url}/v2/bench/manifests/small-${number}`, { method: "PUT", headers, body });
    if (put.status !== 201) throw new Error(`Cannot push a manifest to ${url}: status ${put.status}`);
  }
}

async function pullManifests(url: string): Promise<void> {
  let next = 0;
  const pull = async () => {
    while (next < MANIFESTS) {
      const answer = await fetch(`${url}/v2/bench/manifests/small-${next++}`, { headers: { accept: IMAGE } });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`Cannot pull a manifest from ${url}: status ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: PULLED_AT_ONCE }, pull));
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
