import { type Platform, useBinding } from "./platform.ts";

interface Read {
  value: unknown;
  /** Milliseconds since 1970. */
  at: number;
}

const encoder = new TextEncoder();
/** What other locations have read, by platform and key. */
const locations = new WeakMap<Platform, Map<string, Read>>();

/** A namespace that rejects what KV rejects. Some reads are those of another location and may be stale. */
export function strictNamespace(namespace: KVNamespace, platform: Platform): KVNamespace {
  const { limits, observed } = platform;
  const elsewhere = locations.get(platform) ?? new Map<string, Read>();
  locations.set(platform, elsewhere);

  const get = (keys: string[], type: "json") =>
    useBinding(platform, async () => {
      if (keys.length > limits.kvBulkKeys)
        throw new Error("KV GET_BULK failed: 400 You can request a maximum of 100 keys");
      platform.count("kv.get");
      platform.count("kv.keys", keys.length);
      const found = await namespace.get(keys, type);
      const now = Date.now();
      for (const key of keys) {
        if (platform.random() >= limits.kvElsewhere) continue;
        const known = elsewhere.get(key);
        if (known === undefined || now - known.at > limits.kvStale) {
          elsewhere.set(key, { value: found.get(key), at: now });
        } else if (known.value !== found.get(key)) {
          observed.kvStale += 1;
          found.set(key, known.value);
        }
      }
      return found;
    });

  const put = (key: string, value: string, options?: KVNamespacePutOptions) =>
    useBinding(platform, async () => {
      if (encoder.encode(key).length > limits.kvKeyBytes)
        throw new Error("KV PUT failed: 414 UTF-8 encoded length exceeds key length limit");
      if (encoder.encode(value).length > limits.kvValueBytes)
        throw new Error("KV PUT failed: 413 Value length exceeds limit");
      platform.count("kv.put");
      if (!platform.mayWrite(`kv/${key}`, limits.kvWriteInterval)) {
        observed.kvBusy += 1;
        throw new Error("KV PUT failed: 429 Too Many Requests");
      }
      await namespace.put(key, value, options);
    });

  /** One value, as text: the collector reads values to write them again. */
  const getText = (key: string) => useBinding(platform, () => namespace.get(key));

  const list = (options?: KVNamespaceListOptions) =>
    useBinding(platform, () => {
      platform.count("kv.list");
      return namespace.list(options);
    });

  return {
    get: (keys: string | string[], type: "json") => (Array.isArray(keys) ? get(keys, type) : getText(keys)),
    put,
    list,
  } as unknown as KVNamespace;
}
