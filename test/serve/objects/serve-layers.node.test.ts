import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { LayerProgramTask } from "../../../src/engine/solve/layer-program.ts";
import { remoteLayers } from "../../../src/engine/solve/remote-layers.ts";
import { serveLayers } from "../../../src/serve/objects/serve-layers.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { type ObjectStore, StoreFullError } from "../../../src/store/object-store.ts";

/** Executes a task that reads the last version of its layer. */
async function write(store: ObjectStore): Promise<unknown> {
  const server = createServer(serveLayers(store)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const layers = remoteLayers({ fetch: (_url, init) => fetch(`http://127.0.0.1:${port}/`, init) });
  const last = `sha256:${"0".repeat(64)}`;
  const task: LayerProgramTask = JSON.parse(
    JSON.stringify({ copy: { last: { digest: last } }, compression: "gzip", level: 4, confined: [] }),
  );
  try {
    const signal = new AbortController().signal;
    return await layers.write(task, { signal, onProgress: () => {} }).catch((error: unknown) => error);
  } finally {
    server.close();
  }
}

test("a full disk is reported as such to the Worker", async () => {
  const full = async () => {
    throw new StoreFullError("The disk of the server is full: 1 MiB are free");
  };
  const error = await write({ ...memoryStore(), getBytes: full, head: full });
  expect(error).toBeInstanceOf(StoreFullError);
  expect(error).toMatchObject({ message: "The disk of the server is full: 1 MiB are free" });
});

test("other failures name the layer", async () => {
  const broken = async () => {
    throw new Error("disk error");
  };
  const error = await write({ ...memoryStore(), getBytes: broken, head: broken });
  expect(error).not.toBeInstanceOf(StoreFullError);
  expect(error).toMatchObject({ message: "Cannot write a layer: disk error" });
});
