import { waitUntil } from "cloudflare:workers";
import { keepRecent } from "../../streams/keep-recent.ts";
import { inTime } from "../../streams/pause.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { storeOf } from "../store.ts";
import { AccessCopies, type Copy } from "./access-copies.ts";
import { accessObject, type Configured } from "./access-service.ts";
import type { CredentialRefusal, Identified } from "./caller.ts";
import { mergeSettings } from "./configured.ts";
import { identify, type Known, type Shown } from "./identify.ts";
import { type Issued, issue, type TokenAsked } from "./issue.ts";
import { IssuerUnavailableError } from "./issuer-keys.ts";
import type { StoredToken } from "./token-table.ts";

/** Milliseconds after which a revocation or a change of settings applies in every isolate. */
const STALE_MS = 5_000;
/** Milliseconds that a request waits for a copy. After that, or when R2 fails, the object decides. */
const MAX_READ_MS = 2_000;
/** Entries in the memory of an isolate. */
const MAX_ENTRIES = 2_000;

/** Milliseconds after which a copy in use is read again in the background. */
const REFRESH_MS = 2_000;

/** Milliseconds between two requests of this isolate to renew the same copy. */
const RENEWAL_MS = 5_000;

/** Values read by this isolate, by key. An entry is used until its copy may be stale. */
const memory = new Map<string, { value: unknown; until: number; refresh: number }>();
/** Changes when everything must be read again. Reads that started before are not cached. */
let generation = 0;
/** When this isolate requested the renewal of each copy last. */
const renewals = new Map<string, number>();
/** The key of the object `Access`, which never changes. Read for tokens that no secret of the Worker signs. */
let keyOfObject: Uint8Array | undefined;

/** Makes this isolate read everything again. Call it after each change. */
export function forgetAccess(): void {
  memory.clear();
  renewals.clear();
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

async function knownByCopies(env: Env, { admin, settings, signingKey }: Configured): Promise<Known> {
  const copies = new AccessCopies(storeOf(env));
  const stored = await rememberCopy("settings", async () => {
    const copy = await readInTime(copies.settings());
    const published = async () => ({ value: await accessObject(env).publishSettings(), renew: Infinity });
    return { value: copy ?? (await published()), isKept: true };
  });
  renewLater("settings", stored, () => accessObject(env).publishSettings());
  /** The copies that this request has read. */
  const found = new Map<string, Copy<StoredToken>>();
  return {
    admin,
    settings: mergeSettings(settings, stored.value),
    tokens: {
      async find(id) {
        const copy = await rememberCopy(`token/${id}`, async () => {
          const value = await readInTime(copies.token(id));
          return { value, isKept: value !== undefined };
        });
        if (copy !== undefined) found.set(id, copy);
        return copy?.value;
      },
      noteUse({ id }) {
        renewLater(`token/${id}`, found.get(id), () => accessObject(env).renewToken(id));
      },
    },
    // Only the object reads the keys of issuers and counts failures.
    keys: {
      of(issuer) {
        throw new IssuerUnavailableError(`The object reads the keys of ${issuer}`);
      },
    },
    async *signingKeys() {
      if (signingKey !== undefined) yield signingKey;
      keyOfObject ??= await accessObject(env).signingKey();
      yield keyOfObject;
    },
    attempts: { fail: () => 0 },
    now: Date.now(),
  };
}

/** Requests the renewal of a copy that is due, and does not wait for it. */
function renewLater(key: string, copy: Copy<unknown> | undefined, renew: () => Promise<unknown>): void {
  const now = Date.now();
  if (copy === undefined || copy.renew > now) return;
  if (now - (renewals.get(key) ?? 0) < RENEWAL_MS) return;
  keepRecent(renewals, key, now, MAX_ENTRIES);
  waitUntil(renew().catch(() => {}));
}

function readInTime<T>(reading: Promise<T>): Promise<T | undefined> {
  return inTime(
    reading.catch(() => undefined),
    MAX_READ_MS,
    () => undefined,
  );
}

type Read<T> = () => Promise<{ value: T; isKept: boolean }>;

/** As `remember`, but reads a copy in use again before it expires: requests then do not wait while the isolate is busy. */
async function rememberCopy<T>(key: string, read: Read<T>): Promise<T> {
  const known = memory.get(key);
  const now = Date.now();
  if (known !== undefined && known.until > now && known.refresh <= now) {
    known.refresh = now + REFRESH_MS;
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
  if (isKept)
    keepRecent(memory, key, { value, until: now + STALE_MS, refresh: now + REFRESH_MS }, MAX_ENTRIES);
  else memory.delete(key);
  return value;
}
