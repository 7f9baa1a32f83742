import { basicAuthorization } from "../../network/basic-authorization.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { parseJson } from "../../streams/json.ts";
import { RegistryError } from "../errors.ts";
import { RealmError, type RealmOptions, type Realms, requireRealm } from "../realm.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";

/** A user's credentials for a registry. */
export interface Credentials {
  username: string;
  /** A password, or a token that replaces it. */
  password: string;
  /** Refresh token, used instead of the password (distribution, oauth.md). */
  identityToken?: string;
}

/** Credentials by the hosts of registries, as in references. */
export type Logins = Readonly<Record<string, Credentials>>;

/** A repository of a remote registry. */
interface RemoteRepository {
  /** As in references: `docker.io`, `localhost:5000`. */
  host: string;
  /** URL of the server, without a trailing slash. */
  base: string;
  repository: string;
}

interface AuthorizerOptions {
  now?: (() => number) | undefined;
  /** Actions of the scope: `pull` by default, or `pull,push`. */
  actions?: string;
  /** Token services configured by the user. */
  realms?: Realms | undefined;
}

/** Sends one request: checks addresses, follows redirects and retries. */
type Send = (url: string, init: RequestInit) => Promise<Response>;

interface CachedHeader {
  header: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** A token is not used in its last 30 s, so that it cannot expire during a request. */
const MARGIN_MS = 30_000;
/** Default and minimum lifetime of a token (distribution, token.md). */
const DEFAULT_LIFETIME_S = 60;
const MAX_TOKEN_RESPONSE = 256 * 1024;
const MAX_CACHED = 1000;

/** Answers the challenges of registries, and caches the resulting `Authorization` headers. */
export class Authorizer {
  readonly #send: Send;
  readonly #now: () => number;
  readonly #actions: string;
  readonly #realms: Realms | undefined;
  readonly #cached = new Map<string, CachedHeader>();

  constructor(send: Send, { now = Date.now, actions = "pull", realms }: AuthorizerOptions = {}) {
    this.#send = send;
    this.#now = now;
    this.#actions = actions;
    this.#realms = realms;
  }

  /** The cached `Authorization` header, unless it has expired. */
  cachedHeader({ base, repository }: RemoteRepository): string | undefined {
    const cached = this.#cached.get(`${base} ${repository}`);
    return cached !== undefined && cached.expires > this.#now() ? cached.header : undefined;
  }

  /**
   * The `Authorization` header for the challenge of a 401 response. Undefined when the challenge cannot be answered, for
   * example because a redirect led to another origin, which must not receive credentials.
   * @throws {RegistryError} when the token service rejects the request, does not respond or must not receive the
   * credentials
   */
  async answerChallenge(
    response: Response,
    registry: RemoteRepository,
    credentials: Credentials | undefined,
  ): Promise<string | undefined> {
    const origin = URL.parse(response.url)?.origin;
    if (origin !== undefined && origin !== new URL(registry.base).origin) return undefined;
    const challenges = parseChallenges(response.headers.get("WWW-Authenticate") ?? "");
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const found =
      bearer !== undefined
        ? await this.#fetchToken(bearer, registry, credentials)
        : challenges.some(({ scheme }) => scheme === "basic") && credentials !== undefined
          ? { header: basicOf(credentials), expires: Number.POSITIVE_INFINITY }
          : undefined;
    if (found === undefined) return undefined;
    if (this.#cached.size >= MAX_CACHED) this.#cached.clear();
    this.#cached.set(`${registry.base} ${registry.repository}`, found);
    return found.header;
  }

  /** Requests a token (distribution, docs/spec/auth/token.md). */
  async #fetchToken(
    challenge: Challenge,
    { host, base, repository }: RemoteRepository,
    credentials: Credentials | undefined,
  ): Promise<CachedHeader> {
    const { parameters } = challenge;
    const realm = this.#realm(challenge, { host, base, hasCredentials: credentials !== undefined });
    const service = parameters.get("service");
    if (service !== undefined) realm.searchParams.set("service", service);
    const scope = scopeOf(parameters.get("scope"), `repository:${repository}:${this.#actions}`);
    if (repository !== "" || !scope.startsWith("repository:")) realm.searchParams.set("scope", scope);
    const request = tokenRequest(realm, credentials);
    const response = await this.#send(realm.href, request);
    if (!response.ok) {
      await response.body?.cancel();
      const code = response.status === 401 || response.status === 403 ? "UNAUTHORIZED" : "UNAVAILABLE";
      throw new RegistryError(
        code,
        `failed to authorize: failed to fetch ${credentials ? "oauth" : "anonymous"} token: ` +
          `unexpected status from ${request.method} request to ${realm.href}: ${response.status}`,
      );
    }
    const { token, lifetime } = await readToken(response, realm);
    return { header: `Bearer ${token}`, expires: this.#now() + lifetime * 1000 - MARGIN_MS };
  }

  #realm(challenge: Challenge, options: Omit<RealmOptions, "realms">): URL {
    try {
      return requireRealm(challenge, { ...options, realms: this.#realms });
    } catch (cause) {
      if (!(cause instanceof RealmError)) throw cause;
      throw new RegistryError("ADDRESS_REFUSED", `failed to authorize: ${cause.message}`, { cause });
    }
  }
}

function tokenRequest(
  realm: URL,
  credentials: Credentials | undefined,
): RequestInit & { method: string; redirect?: "manual" } {
  const headers = { Accept: "application/json" };
  if (credentials?.identityToken === undefined)
    return {
      method: "GET",
      headers: { ...headers, ...(credentials && { Authorization: basicOf(credentials) }) },
    };
  const form = new URLSearchParams(realm.searchParams);
  form.set("grant_type", "refresh_token");
  form.set("client_id", "varve");
  form.set("refresh_token", credentials.identityToken);
  // The body may contain credentials, so redirects are not followed.
  return { method: "POST", headers, body: form, redirect: "manual" };
}

/** The scope to request: `usual`, unless the challenge has another kind of scope, as Amazon's public registry does. */
function scopeOf(scope: string | undefined, usual: string): string {
  return scope === undefined || scope === "" || scope.startsWith("repository:") ? usual : scope;
}

async function readToken(response: Response, realm: URL): Promise<{ token: string; lifetime: number }> {
  const bad = (why: string) =>
    new RegistryError("BAD_ANSWER", `failed to authorize: response of ${realm.origin}: ${why}`);
  let document: unknown;
  try {
    const bytes =
      response.body === null ? new Uint8Array() : await collect(chunks(response.body), MAX_TOKEN_RESPONSE);
    document = parseJson(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new RegistryError("BAD_ANSWER", bad("not JSON").message, { cause });
  }
  if (typeof document !== "object" || document === null) throw bad("not a JSON object");
  const { token, access_token, expires_in } = document as Record<string, unknown>;
  const given = typeof token === "string" && token !== "" ? token : access_token;
  if (typeof given !== "string" || !/^[\x21-\x7e]+$/.test(given)) throw bad("it has no token");
  const lifetime =
    typeof expires_in === "number" ? Math.max(expires_in, DEFAULT_LIFETIME_S) : DEFAULT_LIFETIME_S;
  return { token: given, lifetime };
}

function basicOf({ username, password }: Credentials): string {
  return basicAuthorization(username, password);
}
