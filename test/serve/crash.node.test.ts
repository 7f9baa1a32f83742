import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BuildRecord } from "../../schemas/build.ts";
import { diskStore } from "../../src/serve/objects/disk-store.ts";
import { readable } from "../../src/streams/readable.ts";
import { endOfArchive } from "../../src/tar/write.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { member } from "../tar/archive.ts";
import { isRunning, ServeProcess } from "./serve-process.ts";

const FILES = 100;
const megabyte = randomBytes(1 << 20);

/** About 100 MB of different files. Calls `pause` before each file. */
async function* context(pause = async (_: number) => {}): AsyncGenerator<Uint8Array> {
  yield member({ path: "Dockerfile" }, "FROM scratch\nCOPY first /\nCOPY data /data\nWORKDIR /w\n");
  yield member({ path: "first" }, "first");
  for (let number = 0; number < FILES; number++) {
    await pause(number);
    const contents = Buffer.from(megabyte);
    contents.writeUInt32LE(number);
    yield member({ path: `data/${number}` }, contents);
  }
  yield endOfArchive;
}

function post(url: string, body: AsyncGenerator<Uint8Array>, headers: Record<string, string> = {}) {
  const init = { method: "POST", body: readable(body), headers, duplex: "half" };
  return fetch(`${url}/v1/builds?t=crash&timestamps=fixed`, init as RequestInit);
}

const folder = suiteFolder();
const serve = (data: string) => new ServeProcess({ VARVE_DATA: join(folder, data) });

test("a server that is killed during uploads and builds loses nothing that it acknowledged", {
  timeout: 240_000,
}, async () => {
  await using undisturbed = serve("undisturbed");
  const answer = await post(await undisturbed.ready(), context());
  const digest = answer.headers.get("docker-content-digest");
  expect([answer.status, digest]).toEqual([200, expect.stringMatching(/^sha256:/)]);
  await undisturbed.stop();

  // In the middle of an upload.
  await using first = serve("killed");
  const upload = post(
    await first.ready(),
    context(async (number) => {
      if (number === FILES / 2) await first.crash();
    }),
  );
  await expect(upload).rejects.toThrow();

  // In the middle of writing a layer, after another was finished.
  await using second = serve("killed");
  const url = await second.ready();
  const events = await post(url, context(), { accept: "application/x-ndjson" });
  const id = events.headers.get("varve-build");
  await expect(
    (async () => {
      for await (const chunk of events.body as ReadableStream<Uint8Array>) {
        if (new TextDecoder().decode(chunk).includes('"writing layer"')) await second.crash();
      }
    })(),
  ).rejects.toThrow();

  // The next server continues the builds.
  await using third = serve("killed");
  const at = await third.ready();
  const log = await (await fetch(`${at}/v1/builds/${id}/events`)).text();
  const types = log
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).type);
  expect(types.slice(types.lastIndexOf("plan")).slice(0, 2)).toEqual(["plan", "step.cached"]);
  expect(types.at(-1)).toBe("result");
  const record = (await (await fetch(`${at}/v1/builds/${id}`)).json()) as BuildRecord;
  expect(record).toMatchObject({ state: "done", result: { descriptor: { digest } } });

  // The pulled layers match the manifest.
  const manifest = (await (await fetch(`${at}/v2/crash/manifests/latest`)).json()) as {
    layers: { digest: string; size: number }[];
  };
  for (const layer of manifest.layers) {
    const hash = createHash("sha256");
    let size = 0;
    const blob = await fetch(`${at}/v2/crash/blobs/${layer.digest}`);
    for await (const chunk of blob.body as ReadableStream<Uint8Array>) {
      hash.update(chunk);
      size += chunk.length;
    }
    expect({ digest: `sha256:${hash.digest("hex")}`, size }).toEqual({
      digest: layer.digest,
      size: layer.size,
    });
  }
  expect(await third.stop()).toBe(0);
  expect(third.stderr).toBe("");
  await expectWhole(join(folder, "killed"));
});

/** Every object under a digest has this digest, and no unfinished upload is left. */
async function expectWhole(data: string): Promise<void> {
  const store = diskStore(join(data, "objects"));
  try {
    for await (const { key } of store.list("")) {
      const [kind, , hex] = key.split("/");
      expect(kind).not.toBe("spool");
      if (kind !== "blobs" && kind !== "manifests") continue;
      const hash = createHash("sha256");
      for await (const chunk of (await store.get(key)) ?? []) hash.update(chunk);
      expect([key, hash.digest("hex")]).toEqual([key, hex]);
    }
  } finally {
    store.close();
  }
}

test("the runtime of a server that was killed ends when the next one starts", async () => {
  await using first = serve("orphan");
  await first.ready();
  const isRuntime = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "workerd";
  const runtime = first.descendants.find(isRuntime) as number;
  await first.stop("SIGKILL");
  expect(isRunning(runtime)).toBe(true);
  await using second = serve("orphan");
  await second.ready();
  expect(isRunning(runtime)).toBe(false);
  expect(second.descendants.some(isRuntime)).toBe(true);
  expect(await second.stop()).toBe(0);
});
