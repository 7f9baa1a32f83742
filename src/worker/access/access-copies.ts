import { z } from "zod";
import { type AccessSettings, accessSettings, tokenInfo } from "../../../schemas/access.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import type { StoredToken } from "./token-table.ts";

/**
 * Validity of a copy in milliseconds. Bounds the use of a stale copy, such as one of a restored backup or one whose
 * deletion failed.
 */
const lifetime = 10 * 60_000;

const settingsCopy = z.object({ until: z.int(), settings: accessSettings });
const tokenCopy = z.object({ until: z.int(), token: tokenInfo.extend({ hash: z.string() }) });

const settingsKey = "access/settings";
const tokenKey = (id: string) => `access/tokens/${id}`;

/**
 * Copies in R2 of the access settings and of tokens in use (their hashes), which the object `Access` writes. With them,
 * a Worker identifies callers without that object.
 */
export class AccessCopies {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Undefined when there is no valid copy. */
  async settings(): Promise<AccessSettings | undefined> {
    return (await this.#read(settingsKey, settingsCopy))?.settings;
  }

  async keepSettings(settings: AccessSettings): Promise<void> {
    await this.#write(settingsKey, { until: Date.now() + lifetime, settings });
  }

  /** Undefined when there is no valid copy, or when the copy does not record a use of today. */
  async token(id: string): Promise<StoredToken | undefined> {
    const token = (await this.#read(tokenKey(id), tokenCopy))?.token;
    return token?.used === new Date().toISOString().slice(0, 10) ? token : undefined;
  }

  async keepToken(token: StoredToken): Promise<void> {
    await this.#write(tokenKey(token.id), { until: Date.now() + lifetime, token });
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
    const bytes = new TextEncoder().encode(JSON.stringify(copy));
    await this.#store.put(key, bytes, bytes.length);
  }
}
