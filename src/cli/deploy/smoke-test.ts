import { sha256 } from "../../streams/sha256.ts";
import { encodeMember, endOfArchive, padding } from "../../tar/write.ts";

interface SmokeTestOptions {
  /** With the rights build, pull and delete on `varve/smoke-test`. */
  token: string;
  /** Receives a line for each step that has succeeded. */
  report(line: string): void;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const REPOSITORY = "varve/smoke-test";

/**
 * Builds an image on a server, pulls each of its blobs, compares them with their digests, and deletes the image.
 * @param server as `https://varve.example.workers.dev`
 * @throws {Error} with the failed step and the response of the server
 */
export async function smokeTest(server: string, { token, report }: SmokeTestOptions): Promise<void> {
  const ask = async (doing: string, path: string, init: RequestInit = {}): Promise<Uint8Array> => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const answer = await fetch(`${server}${path}`, { ...init, headers }).catch((cause: Error) => {
      throw new Error(`Cannot ${doing}: ${server} cannot be reached (${cause.message})`, { cause });
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (answer.ok) return bytes;
    const text = new TextDecoder().decode(bytes).slice(0, 1000);
    throw new Error(`Cannot ${doing}: ${server}${path} answered ${answer.status} ${text}`);
  };

  await ask("check the health", "/healthz");
  report(`${server} answers`);
  const tag = `${Date.now()}`;
  const body = contextOf({ Dockerfile: "FROM scratch\nCOPY file /\n", file: `smoke test ${tag}\n` });
  const built = await ask("build an image", `/v1/builds?t=${REPOSITORY}:${tag}`, { method: "POST", body });
  report(`it builds ${REPOSITORY}:${tag}`);
  const path = `/v2/${REPOSITORY}`;
  const pulled = await ask("pull the manifest", `${path}/manifests/${tag}`, {
    headers: { accept: MANIFEST },
  });
  if (sha256(pulled) !== sha256(built))
    throw new Error("The manifest of the tag differs from the result of the build");
  const { config, layers } = JSON.parse(new TextDecoder().decode(pulled)) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  for (const { digest } of [config, ...layers]) {
    const bytes = await ask(`pull ${digest}`, `${path}/blobs/${digest}`);
    if (sha256(bytes) !== digest) throw new Error(`The bytes of ${digest} do not match the digest`);
  }
  report(`it serves the image: ${layers.length + 2} objects match their digests`);
  await ask("delete the image", `/v1/images/${REPOSITORY}/${sha256(pulled)}`, { method: "DELETE" });
}

function contextOf(files: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(files).flatMap(([path, text]) => {
    const bytes = new TextEncoder().encode(text);
    const entry = { type: "file", path, mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length } as const;
    return [encodeMember(entry), bytes, padding(bytes.length)];
  });
  return new Uint8Array(Buffer.concat([...parts, endOfArchive]));
}
