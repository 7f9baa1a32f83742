const accept =
  "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/** The digest of the manifest at a URL. @throws {Error} when it cannot be pulled */
export async function pullManifest(url: string): Promise<string> {
  const answer = await fetch(url, { headers: { accept } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Cannot pull ${url}: status ${answer.status}`);
  return answer.headers.get("docker-content-digest") ?? "";
}
