/** One limit or behaviour of the platform that the lab enforces. */
interface Setting {
  value: number;
  /** The page that documents it; absent for settings that the lab chooses. */
  source?: string;
}

const KV = "https://developers.cloudflare.com/kv/platform/limits/";
const R2 = "https://developers.cloudflare.com/r2/platform/limits/";
const R2_ERRORS = "https://developers.cloudflare.com/r2/api/error-codes/";
const WORKERS = "https://developers.cloudflare.com/workers/platform/limits/";

/** What the lab enforces. A test that needs another value states it. */
const SETTINGS = {
  /** Seeds all faults. */
  seed: { value: 1 },

  /** Milliseconds between two writes of one key of KV. */
  kvWriteInterval: { value: 1000, source: KV },
  /** Milliseconds for which a location may return the value that it read last, or its absence. */
  kvStale: { value: 60_000, source: "https://developers.cloudflare.com/kv/concepts/how-kv-works/" },
  /** Fraction of the reads from another location, which may be stale. */
  kvElsewhere: { value: 0.2 },
  /** Keys of one bulk read. */
  kvBulkKeys: { value: 100, source: "https://developers.cloudflare.com/kv/api/read-key-value-pairs/" },
  /** Bytes of a key and of a value of KV. */
  kvKeyBytes: { value: 512, source: KV },
  kvValueBytes: { value: 25 * 2 ** 20, source: KV },

  /** Milliseconds between two writes of one key of R2. */
  r2WriteInterval: { value: 1000, source: R2 },
  /** Bytes of a key and of the metadata of an object of R2. */
  r2KeyBytes: { value: 1024, source: R2 },
  r2MetadataBytes: { value: 8192, source: R2 },
  /** Bytes of each part of an upload but the last, which are all equal. */
  r2PartBytes: {
    value: 5 * 2 ** 20,
    source: "https://developers.cloudflare.com/r2/objects/multipart-objects/",
  },
  /** Keys of one deletion. */
  r2DeleteKeys: {
    value: 1000,
    source: "https://developers.cloudflare.com/r2/api/workers/workers-api-reference/",
  },
  /** Part of the operations that fail with 10001, or without a number as after a time-out. Half of them were executed. */
  r2Faults: { value: 0.03, source: R2_ERRORS },

  /** Operations of bindings per request to the Worker, and over the life of a Durable Object's instance. */
  subrequests: { value: 10_000, source: WORKERS },
  /** Operations that wait for their answer at the same time, per request or Durable Object. Others wait. */
  connections: { value: 6, source: WORKERS },

  /** Bytes of a request's body, on the plans Free and Pro. */
  bodyBytes: { value: 100_000_000, source: WORKERS },
} as const satisfies Record<string, Setting>;

export type Limits = { -readonly [Name in keyof typeof SETTINGS]: number };

/** The settings of a lab. */
export function limitsWith(changed: Partial<Limits> = {}): Limits {
  const values = Object.entries(SETTINGS).map(([name, { value }]) => [name, value]);
  return { ...(Object.fromEntries(values) as Limits), ...changed };
}

/** A sequence of numbers from 0 up to 1 that a seed decides: xorshift of 32 bits. */
export function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
