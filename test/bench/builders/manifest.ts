const accept =
  "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/** @throws {Error} when the manifest at a URL cannot be pulled */
export async function expectManifest(url: string): Promise<void> {
  const answer = await fetch(url, { headers: { accept } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Cannot pull ${url}: status ${answer.status}`);
}
