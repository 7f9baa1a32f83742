import { gzipSync } from "node:zlib";
import { sha256 } from "../../../src/streams/sha256.ts";
import { endOfArchive } from "../../../src/tar/write.ts";
import { member } from "../../tar/archive.ts";
import { MANIFEST } from "../push.ts";

/** One request of an input. */
export interface FreezingRequest {
  /** Default: POST. */
  method?: string;
  /** Path and query. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
}

/** An input that a server must answer without delaying other requests. */
export interface FreezingInput {
  /**
   * Status of the last answer, which shows how far the server processed the input. All answers before it are
   * successful.
   */
  status: number;
  /** Makes the requests, which are sent one after the other. `server` is its `host:port`. */
  requests(server: string): FreezingRequest[] | Promise<FreezingRequest[]>;
}

export type FreezingInputs = Record<string, FreezingInput>;

/** A build of a context archive. */
export function buildOf(context: Uint8Array, query = ""): FreezingRequest {
  return { path: `/v1/builds?t=frozen/app${query}`, body: context };
}

/** A context with a Dockerfile and other members. */
export function contextWith(dockerfile: string, ...members: Uint8Array[]): Uint8Array {
  return Buffer.concat([member({ path: "Dockerfile" }, dockerfile), ...members, endOfArchive]);
}

/** An input that is one build. */
export function building(status: number, context: () => Uint8Array): FreezingInput {
  return { status, requests: () => [buildOf(context())] };
}

/** An input for one plan and one lint of a Dockerfile; neither waits for a runner. */
export function planning(status: number, dockerfile: () => string): FreezingInput {
  return {
    status,
    requests() {
      const text = dockerfile();
      return [
        { path: "/v1/check", body: text },
        { path: "/v1/plan?t=frozen/app", body: text },
      ];
    },
  };
}

/** An input that is one request with JSON. */
export function sendingJson(
  status: number,
  path: string,
  body: () => string,
  method = "POST",
): FreezingInput {
  return {
    status,
    requests: () => [{ method, path, body: body(), headers: { "content-type": "application/json" } }],
  };
}

/** Requests that push an image with these layers, which are tars. */
export function pushOf(name: string, layers: readonly Uint8Array[], config: object = {}): FreezingRequest[] {
  const zipped = layers.map((layer) => gzipSync(layer, { level: 1 }));
  const text = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: layers.map(sha256) },
    ...config,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptorOf(text, "application/vnd.oci.image.config.v1+json"),
    layers: zipped.map((layer) => descriptorOf(layer, "application/vnd.oci.image.layer.v1.tar+gzip")),
  });
  return [
    ...[...zipped, text].map((blob) => ({
      path: `/v2/${name}/blobs/uploads/?digest=${sha256(blob)}`,
      body: blob,
    })),
    manifestPut(name, "1", manifest),
  ];
}

export function descriptorOf(bytes: string | Uint8Array, mediaType: string) {
  return { mediaType, digest: sha256(bytes), size: Buffer.byteLength(bytes) };
}

export function manifestPut(
  name: string,
  reference: string,
  manifest: string,
  type = MANIFEST,
): FreezingRequest {
  return {
    method: "PUT",
    path: `/v2/${name}/manifests/${reference}`,
    headers: { "content-type": type },
    body: manifest,
  };
}

/** Texts of numbers from 0 on. */
export function range<T>(count: number, value: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => value(index));
}

/** The same piece again and again. */
export function repeated(piece: Uint8Array, count: number): Uint8Array {
  return Buffer.alloc(piece.length * count, piece);
}
