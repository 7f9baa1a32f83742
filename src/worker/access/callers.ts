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
import { type AccessRecords, identify, type Sender } from "./identify.ts";
import { type Issued, issue, type TokenIssueRequest } from "./issue.ts";
import { IssuerUnavailableError } from "./issuer-keys.ts";
import type { StoredToken } from "./token-table.ts";

/** Milliseconds after which a revocation or a change of settings applies in every isolate. */
const STALE_MS = 5_000;
/** Milliseconds that a request waits for a copy. After that, or when R2 fails, it calls the object. */
const MAX_READ_MS = 2_000;
/** Maximum number of entries in the memory of an isolate. */
const MAX_ENTRIES = 2_000;

/** Milliseconds after which a copy in use is read again in the background. */
const REFRESH_MS = 2_000;

/** Milliseconds between two requests of this isolate to renew the same copy. */
const RENEWAL_MS = 5_000;

/** Values that this isolate has read, by key. Each is used for `STALE_MS`. */
const memory = new Map<string, { value: unknown; until: number; refresh: number }>();
/** Incremented to discard all values. Reads that started before are not cached. */
let generation = 0;
/** Times of this isolate's last request to renew each copy. */
const renewals = new Map<string, number>();
/** The key of the object `Access`, which never changes. Needed for tokens that no secret of the Worker has signed. */
let keyOfObject: Uint8Array | undefined;

/** Discards the values of this isolate. Call it after each change of tokens or settings. */
export function forgetAccess(): void {
  memory.clear();
  renewals.clear();
  generation += 1;
}

/**
 * Identifies a caller, from copies in R2 if possible: see `AccessCopies`. Calls the object for every credential that the
 * copies do not accept, so that it counts failures, and so that a new token is valid immediately.
 */
export async function identifyCaller(sender: Sender, env: Env, configured: Configured): Promise<Identified> {
  const secret = sender.credential?.secret;
  const identified = await identify(sender, await knownByCopies(env, configured));
  if ("caller" in identified) return identified;
  return remember(`caller/${sha256(secret ?? "")}`, async () => {
    const decided = await accessObject(env).identify(sender, configured);
    const isKept = "caller" in decided && decided.caller.kind === "oidc";
    return { value: decided, isKept };
  });
}

/** Issues a token of the registry. Calls the object as `identifyCaller` does. */
export async function issueToken(
  request: TokenIssueRequest,
  env: Env,
  configured: Configured,
): Promise<Issued | { refusal: CredentialRefusal }> {
  const issued = await issue(request, await knownByCopies(env, configured));
  return "refusal" in issued ? accessObject(env).issue(request, configured) : issued;
}

async function knownByCopies(env: Env, { admin, settings, signingKey }: Configured): Promise<AccessRecords> {
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
    // Only the object fetches the keys of issuers and counts failures.
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

/** Starts the renewal of a copy that is due. */
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

/** Like `remember`, but refreshes a value in the background before it expires, so that requests do not wait for it. */
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
