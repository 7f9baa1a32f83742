import { readFileSync } from "node:fs";
import type { Fetch } from "../../network/follow-redirects.ts";
import { fileReason } from "../../runner/files/file-reason.ts";
import { CommandError } from "../command-error.ts";

/** Connection settings for a registry without HTTPS, or with a certificate that this machine does not trust. */
export interface ConnectionSettings {
  /** Plain HTTP may be used when the registry does not answer over HTTPS. */
  allowsHttp?: boolean;
  /** Do not verify the certificate of the registry. */
  skipsVerification?: boolean;
  /** Path of certificates in PEM, with which that of the registry is verified. */
  certificate?: string;
  /** Paths of a client certificate and its key, in PEM. */
  client?: { certificate: string; key: string };
}

/** The base URL of a registry, and the function that sends requests to it. */
interface RegistryConnection {
  base: string;
  fetch: Fetch;
}

/** @throws {CommandError} when a certificate cannot be read */
export async function connect(host: string, settings: ConnectionSettings): Promise<RegistryConnection> {
  const send = await fetchWith(settings);
  const base = `https://${host}`;
  if (!settings.allowsHttp) return { base, fetch: send };
  try {
    const answer = await send(`${base}/v2/`);
    await answer.body?.cancel();
    return { base, fetch: send };
  } catch {
    return { base: `http://${host}`, fetch: send };
  }
}

async function fetchWith({ skipsVerification, certificate, client }: ConnectionSettings): Promise<Fetch> {
  if (!skipsVerification && certificate === undefined && client === undefined) return fetch;
  // Node's own fetch has no settings for TLS.
  const { Agent, fetch: undiciFetch } = await import("undici");
  const dispatcher = new Agent({
    connect: {
      rejectUnauthorized: !skipsVerification,
      ...(certificate !== undefined && { ca: readPem(certificate) }),
      ...(client !== undefined && { cert: readPem(client.certificate), key: readPem(client.key) }),
    },
  });
  type Init = Parameters<typeof undiciFetch>[1];
  return async (url, init) => {
    const answer = await undiciFetch(url, { ...(init as Init), dispatcher });
    return answer as unknown as Response;
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(`Cannot read the certificate ${path}: ${fileReason(error)}`);
  }
}
