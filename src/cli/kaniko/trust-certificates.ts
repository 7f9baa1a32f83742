import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";

/** The folder where kaniko's image has its certificates. */
const KANIKO_FOLDER = "/kaniko/ssl/certs";

/**
 * Trusts the certificates of SSL_CERT_DIR (default `/kaniko/ssl/certs`) and SSL_CERT_FILE, as programs in Go do, in
 * addition to those of Node. Needs Node 22.19 or 24.5; does nothing in earlier versions.
 */
export function trustCertificates(environment: Readonly<Record<string, string | undefined>>): void {
  const folders = (environment.SSL_CERT_DIR || KANIKO_FOLDER).split(":");
  const files = folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)));
  if (environment.SSL_CERT_FILE) files.push(environment.SSL_CERT_FILE);
  const certificates = files.flatMap(readCertificates);
  // Missing before Node 22.19, unlike in the types.
  if (certificates.length === 0 || typeof tls.setDefaultCACertificates !== "function") return;
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), ...certificates]);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns no certificates for other files, and for files that cannot be read. */
function readCertificates(file: string): string[] {
  try {
    const text = readFileSync(file, "latin1");
    return text.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  } catch {
    return [];
  }
}
