import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Prune } from "../../src/garbage/prune.ts";
import type { PruneRules } from "../../src/garbage/run.ts";
import { diskStore } from "../../src/serve/objects/disk-store.ts";
import { contentOfMarker, referenceKey } from "../../src/store/back-references.ts";
import { countCalls } from "../../src/store/count-calls.ts";
import { encodeFramed } from "../../src/store/framed.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { sqlite } from "../helpers/sqlite.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const DAY = 24 * 60 * 60 * 1000;
const LAYERS = 9;
const TAGS_PER_REPOSITORY = 1000;

/** A run of the collector over a large store. */
export interface LargePrune {
  /** Objects in the store before the run. */
  objects: number;
  /** Operations of the store. */
  operations: number;
  /** The most operations of one step. */
  most: number;
  steps: number;
  /** The most bytes that were live. Undefined unless Node runs with `--expose-gc`. */
  heap?: number;
  seconds: number;
  cpuSeconds: number;
  /** Objects that were removed, by kind. */
  removed: Record<string, number>;
}

/**
 * Runs the collector on a large store: of an earlier version (without back-references), then unchanged, then after a hundredth
 * has changed.
 *
 * The store is that of a local server, filled directly. A tenth as many tags as blobs are in repositories of 1,000 tags, and
 * one in a hundred blobs is garbage.
 */
export async function pruneLargeStore(
  blobs: number,
): Promise<Record<"first" | "unchanged" | "changed", LargePrune>> {
  using folder = temporaryFolder();
  diskStore(folder.path).close();
  fill(join(folder.path, "index.sqlite"), blobs);
  const store = diskStore(folder.path);
  const database = sqlite(join(folder.path, "collector.sqlite"));
  const first = await prune(store, database, "1");
  const unchanged = await prune(store, database, "2");
  await change(store, blobs);
  const changed = await prune(store, database, "3");
  store.close();
  return { first, unchanged, changed };
}

async function prune(
  store: ReturnType<typeof diskStore>,
  database: ReturnType<typeof sqlite>,
  id: string,
): Promise<LargePrune> {
  let objects = 0;
  for await (const _ of store.list("")) objects += 1;
  const { store: counted, calls } = countCalls(store);
  const world = {
    store: counted,
    held: async () => ({ blobs: [], manifests: [], contexts: [] }),
    forgetBuild: async () => true,
  };
  const now = Date.now();
  const rules: PruneRules = {
    dryRun: false,
    grace: now - DAY,
    unused: now - 7 * DAY,
    builds: now - 30 * DAY,
  };
  const began = performance.now();
  const cpu = process.cpuUsage();
  let [steps, most, heap, before] = [0, 0, 0, 0];
  const collector = new Prune(world, rules, database, id);
  for await (const _ of collector.run()) {
    steps += 1;
    most = Math.max(most, calls() - before);
    before = calls();
    if (steps % 100 !== 0 || globalThis.gc === undefined) continue;
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    heap = Math.max(heap, heapUsed + external);
  }
  const { user, system } = process.cpuUsage(cpu);
  const removed = Object.entries(collector.findings.removed).map(([kind, amount]) => [kind, amount.objects]);
  return {
    objects,
    operations: calls(),
    most,
    steps,
    ...(heap > 0 && { heap }),
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    removed: Object.fromEntries(removed),
  };
}

/** An image with unique layers, and a base layer that a hundred images share. */
function imageOf(tag: number): { bytes: Buffer; digest: string; blobs: string[] } {
  const blobs = [
    `base ${Math.floor(tag / 100)}`,
    ...Array.from({ length: LAYERS }, (_, at) => `layer ${tag} ${at}`),
  ];
  const digests = [sha256(`config ${tag}`), ...blobs.map(sha256)];
  const [config = "", ...layers] = digests;
  const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config, size: 10 },
      layers: layers.map((digest) => ({ mediaType, digest, size: 10 })),
    }),
  );
  return { bytes, digest: sha256(bytes), blobs: digests };
}

/** The stored form of a context with one pack. */
function contextOf(at: number): Buffer {
  const packs = [[sha256(`pack ${at}`), 0, []]];
  const header = { digest: sha256(`context ${at}`), packs, usage: [0, []] };
  return Buffer.concat(encodeFramed("context", 2, header, []));
}

function fill(path: string, blobs: number): void {
  const database = new DatabaseSync(path);
  const insert = database.prepare(
    "INSERT OR IGNORE INTO objects (key, size, metadata, bytes, uploaded) VALUES (?, ?, ?, ?, ?)",
  );
  const old = Date.now() - 30 * DAY;
  const put = (key: string, bytes = Buffer.alloc(0), metadata: object = {}, uploaded = old) => {
    insert.run(key, bytes.length, JSON.stringify(metadata), bytes, uploaded);
  };
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const tags = Math.floor(blobs / 10);
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  for (let tag = 0; tag < tags; tag += 1) {
    const { bytes, digest, blobs: own } = imageOf(tag);
    const name = `team/app${Math.floor(tag / TAGS_PER_REPOSITORY)}`;
    put(`catalog/${name}`);
    put(`manifests/${digest.replace(":", "/")}`, bytes);
    put(`repos/${name}/_manifests/${digest}`, Buffer.alloc(0), {
      digest,
      mediaType,
      size: String(bytes.length),
    });
    put(`repos/${name}/_tags/t${tag}`, Buffer.alloc(0), { digest, mediaType, size: String(bytes.length) });
    for (const blob of own) {
      put(`blobs/${blob.replace(":", "/")}`, Buffer.alloc(10));
      put(`tocs/${blob.slice("sha256:".length)}`, Buffer.alloc(10));
      put(`repos/${name}/_blobs/${blob}`, Buffer.alloc(0), { digest: blob, mediaType: "", size: "10" });
    }
  }
  for (let at = 0; at < blobs / 100; at += 1)
    put(`blobs/${sha256(`garbage ${at}`).replace(":", "/")}`, Buffer.alloc(10));
  for (let at = 0; at < blobs / 100; at += 1) {
    const hex = sha256(`context ${at}`).slice("sha256:".length);
    put(`contexts/${hex}`, contextOf(at));
    put(`scopes/team/app/contexts/${hex}`, Buffer.alloc(0), {}, Date.now() - 2 * DAY);
    put(`packs/${sha256(`pack ${at}`).slice("sha256:".length)}`, Buffer.alloc(10));
  }
  database.exec("COMMIT");
  database.close();
}

/** Pushes to each hundredth tag, and adds as much garbage. */
async function change(store: ReturnType<typeof diskStore>, blobs: number): Promise<void> {
  const mark = async (key: string, metadata: Record<string, string>) => {
    await store.put(key, new Uint8Array(), 0, { metadata });
    const content = contentOfMarker(key);
    if (content !== undefined) await store.put(referenceKey(content, key), new Uint8Array(), 0);
  };
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  for (let tag = 10_000_000; tag < 10_000_000 + blobs / 1000; tag += 1) {
    const { bytes, digest, blobs: own } = imageOf(tag);
    const name = "team/app0";
    for (const blob of own) {
      await store.put(`blobs/${blob.replace(":", "/")}`, new Uint8Array(10), 10);
      await mark(`repos/${name}/_blobs/${blob}`, { digest: blob, mediaType: "", size: "10" });
    }
    await store.put(`manifests/${digest.replace(":", "/")}`, bytes, bytes.length);
    for (const key of [`repos/${name}/_manifests/${digest}`, `repos/${name}/_tags/t${tag}`])
      await mark(key, { digest, mediaType, size: String(bytes.length) });
  }
}
