const accept =
  "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/**
 * Headers of a request with a separate connection. Requests of the benchmark are seconds apart, and the server might
 * close an idle connection just when it is reused.
 */
export const ownConnection = { connection: "close" };

/** The digest of the manifest at a URL. @throws {Error} when it cannot be pulled */
export async function pullManifest(url: string): Promise<string> {
  const answer = await fetch(url, { headers: { accept, ...ownConnection } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`Cannot pull ${url}: status ${answer.status}`);
  return answer.headers.get("docker-content-digest") ?? "";
}
