import { RegistryError, type RegistryFault } from "./errors.ts";
import type { Upstream } from "./image-resolver.ts";
import type { BlobDescriptor, ResolveOptions, StoredManifest } from "./registry.ts";

/** The command with which a user logs in to a registry. */
export function dockerLogin(host: string): string {
  return host === "docker.io" ? "docker login" : `docker login ${host}`;
}

/**
 * A registry elsewhere for the holder of credentials. They are used only for repositories that do not open without them,
 * so that copies of public images stay those that all builds share.
 */
export class LoginUpstream implements Upstream {
  readonly #open: Upstream;
  readonly #authorized: Upstream;
  /** Repositories that did not open without credentials. */
  readonly #private = new Set<string>();

  /**
   * @param open without credentials
   * @param authorized with credentials; must not share what it learns with callers that have none
   */
  constructor(open: Upstream, authorized: Upstream) {
    this.#open = open;
    this.#authorized = authorized;
  }

  isPrivate(name: string): boolean {
    return this.#private.has(name);
  }

  readManifest(name: string, reference: string, options?: ResolveOptions): Promise<StoredManifest> {
    return this.#try(name, (upstream) => upstream.readManifest(name, reference, options));
  }

  fetchBlob(name: string, blob: BlobDescriptor): Promise<boolean> {
    return this.#try(name, (upstream) => upstream.fetchBlob(name, blob));
  }

  async #try<T>(name: string, request: (upstream: Upstream) => Promise<T>): Promise<T> {
    if (this.isPrivate(name)) return request(this.#authorized);
    try {
      return await request(this.#open);
    } catch (error) {
      if (!mayNeedLogin(error)) throw error;
    }
    const result = await request(this.#authorized);
    this.#private.add(name);
    return result;
  }
}

/** Whether credentials may change an answer: many registries deny that a private repository exists. */
export function mayNeedLogin(error: unknown): error is RegistryError {
  return error instanceof RegistryError && LOGIN_FAULTS.has(error.fault);
}

const LOGIN_FAULTS: ReadonlySet<RegistryFault> = new Set([
  "BLOB_UNKNOWN",
  "DENIED",
  "MANIFEST_UNKNOWN",
  "NAME_UNKNOWN",
  "TOOMANYREQUESTS",
  "UNAUTHORIZED",
]);
