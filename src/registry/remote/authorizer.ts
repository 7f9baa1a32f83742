import { basicAuthorization } from "../../network/basic-authorization.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { RegistryError } from "../errors.ts";
import { RealmError, requireRealm } from "../realm.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";

/** What the operator has been given by a registry. */
export interface Credentials {
  username: string;
  password: string;
  /** Asks for further tokens in the place of a password (distribution, oauth.md). */
  identityToken?: string;
}

/** Sends one request; the redirects, checks and retries are the sender's. */
type Send = (url: string, init: RequestInit) => Promise<Response>;

interface Remembered {
  header: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** A token is given up this long before it expires, so that it does not expire on the way. */
const MARGIN_MS = 30_000;
/** Lifetime of a token that comes without one, and the shortest that is believed (distribution, token.md). */
const DEFAULT_LIFETIME_S = 60;
const MAX_ANSWER = 256 * 1024;
const MAX_REMEMBERED = 1000;

/** Finds the `Authorization` header that a registry wants, and remembers it. */
export class Authorizer {
  readonly #send: Send;
  readonly #now: () => number;
  readonly #actions: string;
  readonly #remembered = new Map<string, Remembered>();

  /** @param actions that are asked for: to pull and nothing more, or `pull,push` */
  constructor(send: Send, now: () => number = Date.now, actions = "pull") {
    this.#send = send;
    this.#now = now;
    this.#actions = actions;
  }

  /** The header that worked before and is still good. */
  known(origin: string, repository: string): string | undefined {
    const remembered = this.#remembered.get(`${origin} ${repository}`);
    return remembered !== undefined && remembered.expires > this.#now() ? remembered.header : undefined;
  }

  /**
   * The header that answers a 401; undefined when there is no way to answer it.
   *
   * @param header the `WWW-Authenticate` of the answer
   * @throws RegistryError when the token service refuses or does not answer
   */
  async answer(
    header: string,
    origin: string,
    repository: string,
    credentials: Credentials | undefined,
  ): Promise<string | undefined> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const found =
      bearer !== undefined
        ? await this.#fetchToken(bearer, repository, credentials)
        : challenges.some(({ scheme }) => scheme === "basic") && credentials !== undefined
          ? { header: basicOf(credentials), expires: Number.POSITIVE_INFINITY }
          : undefined;
    if (found === undefined) return undefined;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(`${origin} ${repository}`, found);
    return found.header;
  }

  /** Distribution's token protocol, docs/spec/auth/token.md. */
  async #fetchToken(
    challenge: Challenge,
    repository: string,
    credentials: Credentials | undefined,
  ): Promise<Remembered> {
    const { parameters } = challenge;
    const realm = realmOf(challenge);
    const service = parameters.get("service");
    if (service !== undefined) realm.searchParams.set("service", service);
    const scope = scopeOf(parameters.get("scope"), `repository:${repository}:${this.#actions}`);
    if (repository !== "" || !scope.startsWith("repository:")) realm.searchParams.set("scope", scope);
    const response = await this.#send(realm.href, tokenRequest(realm, credentials));
    if (!response.ok) {
      await response.body?.cancel();
      const code = response.status === 401 || response.status === 403 ? "UNAUTHORIZED" : "UNAVAILABLE";
      throw new RegistryError(
        code,
        `failed to authorize: failed to fetch ${credentials ? "oauth" : "anonymous"} token: ` +
          `unexpected status from GET request to ${realm.href}: ${response.status}`,
      );
    }
    const { token, lifetime } = await readToken(response, realm);
    return { header: `Bearer ${token}`, expires: this.#now() + lifetime * 1000 - MARGIN_MS };
  }
}

function realmOf(challenge: Challenge): URL {
  try {
    return requireRealm(challenge);
  } catch (cause) {
    if (!(cause instanceof RealmError)) throw cause;
    throw new RegistryError("BAD_ANSWER", `failed to authorize: ${cause.message}`, { cause });
  }
}

function tokenRequest(realm: URL, credentials: Credentials | undefined): RequestInit {
  const headers = { Accept: "application/json" };
  if (credentials?.identityToken === undefined)
    return { headers: { ...headers, ...(credentials && { Authorization: basicOf(credentials) }) } };
  const form = new URLSearchParams(realm.searchParams);
  form.set("grant_type", "refresh_token");
  form.set("client_id", "varve");
  form.set("refresh_token", credentials.identityToken);
  return { method: "POST", headers, body: form };
}

/** The scope that was asked for, reduced to what is needed. Amazon's public registry has one of its own. */
function scopeOf(scope: string | undefined, usual: string): string {
  return scope === undefined || scope === "" || scope.startsWith("repository:") ? usual : scope;
}

async function readToken(response: Response, realm: URL): Promise<{ token: string; lifetime: number }> {
  const bad = (why: string) =>
    new RegistryError("BAD_ANSWER", `failed to authorize: answer of ${realm.origin}: ${why}`);
  let answer: unknown;
  try {
    const bytes =
      response.body === null ? new Uint8Array() : await collect(chunks(response.body), MAX_ANSWER);
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new RegistryError("BAD_ANSWER", bad("not JSON").message, { cause });
  }
  if (typeof answer !== "object" || answer === null) throw bad("not a JSON object");
  const { token, access_token, expires_in } = answer as Record<string, unknown>;
  const given = typeof token === "string" && token !== "" ? token : access_token;
  if (typeof given !== "string" || !/^[\x21-\x7e]+$/.test(given)) throw bad("no token in it");
  const lifetime =
    typeof expires_in === "number" ? Math.max(expires_in, DEFAULT_LIFETIME_S) : DEFAULT_LIFETIME_S;
  return { token: given, lifetime };
}

function basicOf({ username, password }: Credentials): string {
  return basicAuthorization(username, password);
}
