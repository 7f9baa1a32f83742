import { waitUntil } from "cloudflare:workers";
import type { AccessSettings } from "../../../schemas/access.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { storeOf } from "../store.ts";
import { AccessCopies } from "./access-copies.ts";
import { accessObject, type Configured } from "./access-service.ts";
import type { CredentialRefusal, Identified } from "./caller.ts";
import { mergeSettings } from "./configured.ts";
import { identify, type Known, type Shown } from "./identify.ts";
import { type Issued, issue, type TokenAsked } from "./issue.ts";
import { IssuerUnavailableError } from "./issuer-keys.ts";
import type { StoredToken } from "./token-table.ts";

/** Milliseconds after which a revocation or a change of settings applies in every isolate. */
const staleMilliseconds = 5_000;
/** Milliseconds that a request waits for a copy. After that, or when R2 fails, the object decides. */
const longestRead = 2_000;
/** Entries in the memory of an isolate. */
const mostEntries = 2_000;

/** Milliseconds after which a copy in use is read again in the background. */
const refreshMilliseconds = 2_000;

/** Values read by this isolate, by key. An entry is used until its copy may be stale. */
const memory = new Map<string, { value: unknown; until: number; refresh: number }>();
/** Changes when everything must be read again. Reads that started before are not cached. */
let generation = 0;
/** Signs tokens of the registry; it never changes. */
let signingKey: Uint8Array | undefined;

/** Makes this isolate read everything again. Call it after each change. */
export function forgetAccess(): void {
  memory.clear();
  generation += 1;
}

/**
 * Identifies a caller, by copies in R2 as far as possible: see `AccessCopies`. The object decides about every credential
 * that the copies do not accept, so that it counts failures, and a new token is accepted at once.
 */
export async function identifyCaller(shown: Shown, env: Env, configured: Configured): Promise<Identified> {
  const secret = shown.credential?.secret;
  const identified = await identify(shown, await knownByCopies(env, configured));
  if ("caller" in identified) return identified;
  return remember(`caller/${sha256(secret ?? "")}`, async () => {
    const decided = await accessObject(env).identify(shown, configured);
    const isKept = "caller" in decided && decided.caller.kind === "oidc";
    return { value: decided, isKept };
  });
}

/** Issues a token of the registry; the object decides as for `identifyCaller`. */
export async function issueToken(
  asked: TokenAsked,
  env: Env,
  configured: Configured,
): Promise<Issued | { refusal: CredentialRefusal }> {
  const issued = await issue(asked, await knownByCopies(env, configured));
  return "refusal" in issued ? accessObject(env).issue(asked, configured) : issued;
}

async function knownByCopies(env: Env, { admin, settings }: Configured): Promise<Known> {
  const copies = new AccessCopies(storeOf(env));
  const stored = await rememberCopy("settings", async () => ({
    value: (await readInTime(copies.settings())) ?? (await accessObject(env).publishSettings()),
    isKept: true,
  }));
  return {
    admin,
    settings: mergeSettings(settings, stored as AccessSettings),
    tokens: {
      find: (id) =>
        rememberCopy(`token/${id}`, async () => {
          const value: StoredToken | undefined = await readInTime(copies.token(id));
          return { value, isKept: value !== undefined };
        }),
      noteUse() {},
    },
    // Only the object reads the keys of issuers and counts failures.
    keys: {
      of(issuer) {
        throw new IssuerUnavailableError(`The object reads the keys of ${issuer}`);
      },
    },
    async signingKey() {
      signingKey ??= await accessObject(env).signingKey();
      return signingKey;
    },
    attempts: { fail: () => 0 },
    now: Date.now(),
  };
}

async function readInTime<T>(reading: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), longestRead);
  });
  return Promise.race([reading.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}

type Read<T> = () => Promise<{ value: T; isKept: boolean }>;

/** As `remember`, but reads a copy in use again before it expires: requests then do not wait while the isolate is busy. */
async function rememberCopy<T>(key: string, read: Read<T>): Promise<T> {
  const known = memory.get(key);
  const now = Date.now();
  if (known !== undefined && known.until > now && known.refresh <= now) {
    known.refresh = now + refreshMilliseconds;
    waitUntil(readAgain(key, read).catch(() => {}));
  }
  return remember(key, read);
}

async function remember<T>(key: string, read: Read<T>): Promise<T> {
  const known = memory.get(key);
  return known !== undefined && known.until > Date.now() ? (known.value as T) : readAgain(key, read);
}

async function readAgain<T>(key: string, read: Read<T>): Promise<T> {
  const [began, now] = [generation, Date.now()];
  const { value, isKept } = await read();
  if (began !== generation) return value;
  memory.delete(key);
  if (isKept) memory.set(key, { value, until: now + staleMilliseconds, refresh: now + refreshMilliseconds });
  // A map iterates in insertion order.
  for (const oldest of memory.keys()) {
    if (memory.size <= mostEntries) break;
    memory.delete(oldest);
  }
  return value;
}
