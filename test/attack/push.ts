import { sha256 } from "../../src/streams/sha256.ts";
import { send } from "../helpers/send.ts";

export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Pushes a blob in one request, or in chunks as docker does. @returns the last answer */
export async function pushBlob(
  url: string,
  name: string,
  blob: Uint8Array,
  { isChunked = false } = {},
): Promise<Response> {
  const begun = await send(`${url}/v2/${name}/blobs/uploads/`, { method: "POST" });
  const location = begun.headers.get("location");
  if (location === null) return begun;
  const digest = sha256(blob);
  if (!isChunked)
    return send(`${url}${location}?digest=${digest}`, { method: "PUT", body: blob as BodyInit });
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < blob.length; at += 1 << 20) controller.enqueue(blob.subarray(at, at + (1 << 20)));
      controller.close();
    },
  });
  const sent = await send(`${url}${location}`, { method: "PATCH", body });
  return sent.ok ? send(`${url}${location}?digest=${digest}`, { method: "PUT" }) : sent;
}

/** Pushes an image with one layer of these bytes. @returns the answer to the first request that fails, or to the last */
export async function pushImage(url: string, name: string, layer: Uint8Array): Promise<Response> {
  const pushed = await pushBlob(url, name, layer);
  if (!pushed.ok) return pushed;
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [sha256(layer)] },
    }),
  );
  const configured = await pushBlob(url, name, config);
  if (!configured.ok) return configured;
  const descriptor = (mediaType: string, bytes: Uint8Array) => ({
    mediaType,
    digest: sha256(bytes),
    size: bytes.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
  };
  return send(`${url}/v2/${name}/manifests/1`, {
    method: "PUT",
    body: JSON.stringify(manifest),
    headers: { "content-type": MANIFEST },
  });
}
