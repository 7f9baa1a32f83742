import { RegistryError, type RegistryFault } from "./errors.ts";
import type { Upstream } from "./image-resolver.ts";
import type { BlobDescriptor, ResolveOptions, StoredManifest } from "./registry.ts";

/** The command with which a user logs in to a registry. */
export function dockerLogin(host: string): string {
  return host === "docker.io" ? "docker login" : `docker login ${host}`;
}

/**
 * A remote registry for a caller with credentials. Sends them only for repositories that reject anonymous requests, so
 * that all builds share the copies of public images.
 */
export class LoginUpstream implements Upstream {
  readonly #anonymous: Upstream;
  readonly #authorized: Upstream;
  /** Repositories that rejected anonymous requests. */
  readonly #private = new Set<string>();

  /**
   * @param anonymous sends no credentials
   * @param authorized sends the caller's credentials; must not share its cache with other callers
   */
  constructor(anonymous: Upstream, authorized: Upstream) {
    this.#anonymous = anonymous;
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
      return await request(this.#anonymous);
    } catch (error) {
      if (!mayNeedLogin(error)) throw error;
    }
    const result = await request(this.#authorized);
    this.#private.add(name);
    return result;
  }
}

/** Whether a login may help. Many registries report a private repository as missing. */
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
