import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startDebianRegistry } from "../registry/debian-registry.ts";
import type { Measurement } from "./builders/builder.ts";
import { startServer } from "./builders/server.ts";
import type { Bench, Comparison } from "./compare.ts";
import { ControlGroup } from "./machine/control-group.ts";
import { quiet } from "./machine/quiet.ts";
import { type Traffic, TrafficCounter } from "./machine/traffic.ts";

// Copies of a large image in both directions, and pulls of many small manifests.

const run = promisify(execFile);

const LAYERS = 5;
/** Bytes of a layer, which are random and do not compress. */
const LAYER_SIZE = 100_000_000;
const MANIFESTS = 200;
const PULLED_AT_ONCE = 16;

const IMAGE = "application/vnd.oci.image.manifest.v1+json";

interface RegistryAt extends AsyncDisposable {
  url: string;
  /** Of its processes. */
  group: ControlGroup;
  traffic(): Traffic;
}

async function startMeasuredRegistry(): Promise<RegistryAt> {
  await using parts = new AsyncDisposableStack();
  const group = parts.use(new ControlGroup(`varve-bench-${process.pid}-registry`));
  const { url } = parts.use(
    await startDebianRegistry({ enter: (command, args) => group.enter(command, args) }),
  );
  const counter = parts.use(new TrafficCounter(Number(new URL(url).port)));
  const stop = parts.move();
  return {
    url,
    group,
    traffic: () => counter.read(),
    [Symbol.asyncDispose]: () => stop[Symbol.asyncDispose](),
  };
}

const registries: Record<string, () => Promise<RegistryAt>> = {
  docker: startMeasuredRegistry,
  "varve build": startServer,
};

const measured = [
  { name: "skopeo copy of 500 MB, in", goal: 1.1 },
  { name: "skopeo copy of 500 MB, out", goal: 1.1 },
  { name: `${MANIFESTS} small manifests at ${PULLED_AT_ONCE} in parallel`, goal: 1.3 },
];

/** Compares varve as a registry with Debian's docker-registry, in the role of docker. Both are empty in each round. */
export async function compareRegistries({ folder, rounds, log }: Bench): Promise<Comparison[]> {
  const image = join(folder, "image");
  await writeImage(image);
  const comparisons = measured.map(
    ({ name, goal }): Comparison => ({ scenario: "registry", build: name, goal, measurements: {} }),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, start] of Object.entries(registries)) {
      await using registry = await start();
      await run("sync");
      const times = await timesOf(registry, image, join(folder, "out"));
      for (const [index, { measurements }] of comparisons.entries()) {
        measurements[name] = [...(measurements[name] ?? []), ...times.slice(index, index + 1)];
      }
      log(
        `registry, round ${round + 1}, ${name}: ${times.map(({ seconds }) => seconds.toFixed(2)).join("  ")} s`,
      );
    }
  }
  await rm(image, { recursive: true });
  return comparisons;
}

async function timesOf(registry: RegistryAt, image: string, out: string): Promise<Measurement[]> {
  const { url } = registry;
  const remote = `docker://${new URL(url).host}/bench:1`;
  // Without a cache of known blobs, skopeo sends all of them.
  const skopeo = (...args: string[]) =>
    run("skopeo", ["copy", "--quiet", ...args], { env: { ...process.env, HOME: out } });
  await rm(out, { recursive: true, force: true });
  await mkdir(out);
  const sent = await timed(registry, () => skopeo("--dest-tls-verify=false", `oci:${image}:1`, remote));
  const fetched = await timed(registry, () =>
    skopeo("--src-tls-verify=false", remote, `dir:${join(out, "image")}`),
  );
  await rm(out, { recursive: true });
  await pushManifests(url);
  const pulled = await timed(registry, () => pullManifests(url));
  return [sent, fetched, pulled];
}

async function timed({ group, traffic }: RegistryAt, work: () => Promise<unknown>): Promise<Measurement> {
  const [cpu, before] = [group.seconds(), traffic()];
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  await quiet([group]);
  const after = traffic();
  return {
    seconds,
    serverCpu: group.seconds() - cpu,
    clientCpu: Number.NaN,
    traffic: { received: after.received - before.received, sent: after.sent - before.sent },
    runs: [],
    path: 0,
  };
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

/** Manifests that differ in an annotation, all with the config of the stored image. */
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
