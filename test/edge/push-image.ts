import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Lab } from "./lab.ts";

/** Bytes of a request: below the limit of the front. */
const PART = 64_000_000;
const OCI = "application/vnd.oci.image";

/** @throws {Error} when the response is an error */
export async function ok(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return response;
}

/** Sends bytes in parts. @returns the path of the upload */
export async function upload(
  { fetch }: Lab,
  repository: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
  const started = await ok(fetch(`/v2/${repository}/blobs/uploads/`, { method: "POST" }));
  const path = started.headers.get("location") ?? "";
  const headers = { "content-type": "application/octet-stream" };
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
    for (let at = 0; at < piece.length; at += PART) {
      const body = Buffer.from(piece.subarray(at, at + PART));
      await ok(fetch(path, { method: "PATCH", body, headers }));
    }
  }
  return path;
}

async function push(lab: Lab, repository: string, bytes: Uint8Array): Promise<string> {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  await ok(lab.fetch(`${await upload(lab, repository, bytes)}?digest=${digest}`, { method: "PUT" }));
  return digest;
}

/** Pushes an image `<repository>:<tag>` with one layer that is compressed as one stream. */
export async function pushImage(lab: Lab, name: string, tar: Uint8Array): Promise<void> {
  const [repository = "", tag = ""] = name.split(":");
  const layer = gzipSync(tar, { level: 4 });
  const diffId = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [diffId] },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: {
      mediaType: `${OCI}.config.v1+json`,
      digest: await push(lab, repository, config),
      size: config.length,
    },
    layers: [
      {
        mediaType: `${OCI}.layer.v1.tar+gzip`,
        digest: await push(lab, repository, layer),
        size: layer.length,
      },
    ],
  };
  await ok(
    lab.fetch(`/v2/${repository}/manifests/${tag}`, {
      method: "PUT",
      body: JSON.stringify(manifest),
      headers: { "content-type": manifest.mediaType },
    }),
  );
}
