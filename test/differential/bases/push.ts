import type { DebianRegistry } from "../../registry/debian-registry.ts";
import { bases, indexes } from "./index.ts";
import { type Blob, type ImageBytes, imageBytes, indexBytes } from "./oci.ts";

async function expectStatus(what: string, answer: Response, status: number): Promise<Response> {
  if (answer.status === status) return answer;
  throw new Error(`Cannot ${what}: status ${answer.status}: ${await answer.text()}`);
}

async function pushBlob(repository: string, { digest, bytes }: Blob): Promise<void> {
  const begun = await fetch(`${repository}/blobs/uploads/`, { method: "POST" });
  await expectStatus(`begin the upload of ${digest}`, begun, 202);
  const place = new URL(begun.headers.get("location") ?? "", repository);
  place.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  const ended = await fetch(place, { method: "PUT", headers, body: Buffer.from(bytes) });
  await expectStatus(`upload ${digest}`, ended, 201);
}

async function pushManifest(repository: string, reference: string, manifest: Blob): Promise<void> {
  const headers = { "content-type": manifest.mediaType };
  const url = `${repository}/manifests/${reference}`;
  const answer = await fetch(url, { method: "PUT", headers, body: Buffer.from(manifest.bytes) });
  await expectStatus(`put manifest ${url}`, answer, 201);
}

/** Puts an image under a tag or its digest. `repository` is a URL as `http://127.0.0.1:5000/v2/name`. */
export async function pushImage(repository: string, reference: string, image: ImageBytes): Promise<void> {
  for (const layer of image.layers) await pushBlob(repository, layer);
  await pushBlob(repository, image.config);
  await pushManifest(repository, reference, image.manifest);
}

/** Repository and tag of a Docker Hub name. */
function place(name: string): { repository: string; tag: string } {
  const [short = "", tag = "latest"] = name.split(":");
  return { repository: short.includes("/") ? short : `library/${short}`, tag };
}

/** Puts an image into the registry, under the repository that Docker Hub would have it in. */
export async function pushBase(registry: Pick<DebianRegistry, "url">, image: ImageBytes): Promise<void> {
  const { repository, tag } = place(image.base.name);
  await pushImage(`${registry.url}/v2/${repository}`, tag, image);
}

/** Puts every base image into the registry, under the repositories that Docker Hub would have them in. */
export async function pushBases(registry: Pick<DebianRegistry, "url">): Promise<void> {
  for (const base of bases) await pushBase(registry, imageBytes(base));
  for (const members of indexes) {
    const images = members.map(imageBytes);
    const { repository, tag } = place(members[0]?.name ?? "");
    const url = `${registry.url}/v2/${repository}`;
    for (const image of images) await pushImage(url, image.manifest.digest, image);
    await pushManifest(url, tag, indexBytes(images));
  }
}
