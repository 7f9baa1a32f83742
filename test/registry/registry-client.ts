import { handleRegistry } from "../../src/registry/server/handle.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { r2Store } from "../../src/store/r2-store.ts";
import { remoteStore } from "../../src/store/remote-store.ts";
import { bindings } from "../helpers/bindings.ts";
import { folderOf } from "../helpers/folder-of.ts";
import type { TestImage } from "./test-image.ts";

/** Empty stores of this runtime: in memory, and in workerd also R2 and the store of a local server. */
export async function emptyStores(): Promise<[name: string, store: ObjectStore][]> {
  const env = await bindings();
  const { compose: _, ...plain } = memoryStore();
  const stores: [string, ObjectStore][] = [
    ["memory", memoryStore()],
    ["uncomposed", plain],
  ];
  if (env !== undefined) {
    const folder = `${crypto.randomUUID()}/`;
    stores.push(["R2", folderOf(r2Store(env.BUCKET), folder)]);
    stores.push(["files", folderOf(remoteStore(env.OBJECTS, env.FILES), folder)]);
  }
  return stores;
}

interface AskOptions {
  body?: string | Uint8Array;
  headers?: Record<string, string>;
  /** Sends the body without its length. */
  streamed?: boolean;
}

/** Sends requests to a registry. Paths are relative to `/v2/` unless the registry returned them. */
export class RegistryClient {
  readonly store: ObjectStore;

  constructor(store: ObjectStore) {
    this.store = store;
  }

  async ask(method: string, path: string, { body, headers = {}, streamed }: AskOptions = {}) {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const url = new URL(path.startsWith("/") ? path : `/v2/${path}`, "http://registry.test");
    const init: RequestInit & { duplex?: "half" } = { method, headers: { ...headers }, duplex: "half" };
    if (bytes !== undefined) {
      init.body = streamed ? inPieces(bytes) : (bytes as Uint8Array<ArrayBuffer>);
      // In Node, the sender of the request must set it.
      if (!streamed) init.headers = { "Content-Length": String(bytes.length), ...headers };
    }
    return handleRegistry(new Request(url, init), new StoreRegistry(this.store));
  }

  /** Starts an upload and returns its location. */
  async begin(name: string): Promise<string> {
    return locationOf(await this.ask("POST", `${name}/blobs/uploads/`));
  }

  /** Stores everything below an image, and the image under tags. */
  async push(name: string, image: TestImage, ...tags: string[]): Promise<void> {
    for (const { bytes, descriptor } of image.blobs) {
      const path = `${name}/blobs/uploads/?digest=${descriptor.digest}`;
      await expectStatus(201, this.ask("POST", path, { body: bytes }));
    }
    for (const { bytes, descriptor } of [...image.manifests.toReversed(), image]) {
      const references = descriptor.digest === image.descriptor.digest ? tags : [];
      for (const reference of [descriptor.digest, ...references]) {
        await expectStatus(201, this.putManifest(name, reference, bytes, descriptor.mediaType));
      }
    }
  }

  putManifest(name: string, reference: string, body: string | Uint8Array, mediaType: string) {
    return this.ask("PUT", `${name}/manifests/${reference}`, {
      body,
      headers: { "Content-Type": mediaType },
    });
  }

  async keys(prefix = ""): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(prefix)) keys.push(key);
    return keys;
  }
}

export function locationOf(response: Response): string {
  return response.headers.get("Location") ?? "";
}

/** Status and code, as `404 BLOB_UNKNOWN`. */
export async function faultOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { code: string }[] };
  return `${response.status} ${errors.map(({ code }) => code).join()}`;
}

export async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function expectStatus(status: number, response: Promise<Response>): Promise<void> {
  const actual = await response;
  if (actual.status !== status) throw new Error(`${actual.status}: ${await actual.text()}`);
}

function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + 300_000));
      else controller.close();
      at += 300_000;
    },
  });
}
