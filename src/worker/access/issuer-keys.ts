import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import type { Fetch } from "../../network/checked-fetch.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { trimEnd } from "../../streams/trim-end.ts";

/** The keys of an issuer cannot be fetched. */
export class IssuerUnavailableError extends Error {
  override name = "IssuerUnavailableError";
}

/** Age at which keys are fetched again, and age at which they expire when the issuer does not respond. */
const FRESH_MS = 60 * 60_000;
const STALE_MS = 24 * 60 * 60_000;
/** Minimum time between two requests to an issuer, successful or not. */
const PAUSE_MS = 30_000;
const TIMEOUT_MS = 5_000;
/** Maximum size in bytes of a document of an issuer. */
const MAX_BYTES = 256 * 1024;

/** The used fields of OpenID Connect Discovery 1.0, section 3. */
const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

interface IssuerState {
  select: ReturnType<typeof createLocalJWKSet> | undefined;
  /** Times of the last successful and of the last attempted fetch, in milliseconds since 1970. */
  came: number;
  tried: number;
  coming: Promise<void> | undefined;
}

/**
 * The signing keys of the issuers in rules, fetched on first use and cached. Fetches them again for a token with an unknown
 * key, because issuers rotate keys, but at most twice a minute.
 */
export class IssuerKeys {
  readonly #fetch: Fetch;
  readonly #now: () => number;
  readonly #issuers = new Map<string, IssuerState>();

  /** @param fetch rejects addresses of private networks */
  constructor(fetch: Fetch, now: () => number = Date.now) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /**
   * Returns a function that finds the key of a token of this issuer. Pass only an issuer of a rule, because a token can contain
   * any URL as its issuer. Errors: `IssuerUnavailableError`, and those of jose for a missing key.
   */
  of(issuer: string): JWTVerifyGetKey {
    return async (header, token) => {
      const known = this.#known(issuer);
      const isFresh = () => known.select !== undefined && this.#now() - known.came < FRESH_MS;
      if (!isFresh()) await this.#renew(issuer, known);
      try {
        return await this.#selector(issuer, known)(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await this.#renew(issuer, known);
        return await this.#selector(issuer, known)(header, token);
      }
    };
  }

  #known(issuer: string): IssuerState {
    let known = this.#issuers.get(issuer);
    if (known === undefined) {
      known = { select: undefined, came: 0, tried: Number.NEGATIVE_INFINITY, coming: undefined };
      this.#issuers.set(issuer, known);
    }
    return known;
  }

  #selector(issuer: string, { select, came }: IssuerState): NonNullable<IssuerState["select"]> {
    if (select !== undefined && this.#now() - came < STALE_MS) return select;
    throw new IssuerUnavailableError(`Cannot get the keys of ${issuer}`);
  }

  /** Fetches the keys, unless an attempt was just made. On failure, the old keys stay. */
  async #renew(issuer: string, known: IssuerState): Promise<void> {
    if (known.coming === undefined) {
      if (this.#now() - known.tried < PAUSE_MS) return;
      known.tried = this.#now();
      known.coming = this.#fetchKeys(issuer)
        .then((keys) => {
          known.select = createLocalJWKSet(keys);
          known.came = this.#now();
        })
        .catch((error) => console.warn(`Cannot get the keys of ${issuer}: ${(error as Error).message}`))
        .finally(() => {
          known.coming = undefined;
        });
    }
    await known.coming;
  }

  async #fetchKeys(issuer: string): Promise<JSONWebKeySet> {
    const at = `${trimEnd(issuer, "/")}/.well-known/openid-configuration`;
    const described = discovery.parse(await this.#json(at));
    // Section 4.3: it must equal the requested issuer.
    if (described.issuer !== issuer) throw new Error(`its name is ${JSON.stringify(described.issuer)}`);
    return keySet.parse(await this.#json(described.jwks_uri)) as JSONWebKeySet;
  }

  async #json(url: string): Promise<unknown> {
    const response = await this.#fetch(url, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = response.body as ReadableStream<Uint8Array> | null;
    if (response.status !== 200 || body === null) {
      await body?.cancel();
      throw new Error(`${url} responds with status ${response.status}`);
    }
    return JSON.parse(new TextDecoder().decode(await collect(chunks(body), MAX_BYTES)));
  }
}
