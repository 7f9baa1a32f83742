import { z } from "zod";
import { type AccessSettings, accessSettings, tokenInfo } from "../../../schemas/access.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import type { StoredToken } from "./token-table.ts";

/** Milliseconds after which the object is asked to renew a copy in use. Requests do not wait for that. */
const RENEWAL_MS = 5 * 60_000;
/** Validity of a copy that the object does not renew, in milliseconds. Bounds what works while the object fails. */
const LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** `renew` is absent in copies of versions before copies were renewed. */
const times = { until: z.int(), renew: z.int().default(0) };
const settingsCopy = z.object({ ...times, settings: accessSettings });
const tokenCopy = z.object({ ...times, token: tokenInfo.extend({ hash: z.string() }) });

const settingsKey = "access/settings";
const tokenKey = (id: string) => `access/tokens/${id}`;

/** A valid copy. */
export interface Copy<T> {
  value: T;
  /** Time from which the object should renew it, in milliseconds since 1970. */
  renew: number;
}

/**
 * Copies in R2 of the access settings and of tokens (their hashes), which the object `Access` writes. With them,
 * a Worker identifies callers without that object.
 */
export class AccessCopies {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Undefined when there is no valid copy. */
  async settings(): Promise<Copy<AccessSettings> | undefined> {
    const copy = await this.#read(settingsKey, settingsCopy);
    return copy && { value: copy.settings, renew: copy.renew };
  }

  async keepSettings(settings: AccessSettings): Promise<void> {
    await this.#write(settingsKey, { settings });
  }

  /** Undefined when there is no valid copy. A copy without a use of today is to be renewed at once. */
  async token(id: string): Promise<Copy<StoredToken> | undefined> {
    const copy = await this.#read(tokenKey(id), tokenCopy);
    if (copy === undefined) return undefined;
    const isUsedToday = copy.token.used === new Date().toISOString().slice(0, 10);
    return { value: copy.token, renew: isUsedToday ? copy.renew : 0 };
  }

  async keepToken(token: StoredToken): Promise<void> {
    await this.#write(tokenKey(token.id), { token });
  }

  async removeToken(id: string): Promise<void> {
    await this.#store.delete(tokenKey(id));
  }

  async #read<T extends { until: number }>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const bytes = await this.#store.getBytes(key);
    if (bytes === undefined) return undefined;
    const { success, data } = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return success && data.until > Date.now() ? data : undefined;
  }

  async #write(key: string, copy: object): Promise<void> {
    const now = Date.now();
    const times = { until: now + LIFETIME_MS, renew: now + RENEWAL_MS };
    const bytes = new TextEncoder().encode(JSON.stringify({ ...times, ...copy }));
    await this.#store.put(key, bytes, bytes.length);
  }
}
