import { z } from "zod";
import { type AccessSettings, accessSettings, tokenInfo } from "../../../schemas/access.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import type { StoredToken } from "./token-table.ts";

/** Age in milliseconds at which the object is requested to renew a copy, in the background. */
const RENEWAL_MS = 5 * 60_000;
/** Validity of a copy in milliseconds: how long callers are identified while the object fails. */
const LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** Copies that early versions wrote have no `renew`. */
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
 * Copies in R2 of the access settings and of the hashes of tokens. The object `Access` writes them, so that Workers can
 * identify callers without calling it.
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

  /** Undefined when there is no valid copy. A copy that does not record a use today is due for renewal. */
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
