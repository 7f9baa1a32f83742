import type { StorageKind, StoredAmount } from "../../schemas/usage.ts";

/**
 * Keys of `builds/` and `histories/` contain this number minus the start of the build in milliseconds since 1970, so that
 * the newest comes first. All have 13 digits until 2286.
 */
export const END_OF_TIME = 9_999_999_999_999;

/** The kind of objects by the first part of their keys. */
const KINDS: Readonly<Record<string, StorageKind>> = {
  blobs: "blobs",
  manifests: "manifests",
  tocs: "tocs",
  shadows: "shadows",
  contexts: "contexts",
  packs: "packs",
  selections: "selections",
  firsts: "firsts",
  builds: "builds",
  histories: "builds",
  uploads: "uploads",
  spool: "spool",
  caches: "caches",
  repos: "markers",
  refs: "markers",
  running: "markers",
  catalog: "markers",
  epochs: "markers",
  upstreams: "upstreams",
};

/** The kind of an object by its key. */
export function kindOf(key: string): StorageKind {
  const folder = key.slice(0, key.indexOf("/"));
  if (folder === "scopes") return /\/listings\/[^/]+$/.test(key) ? "listings" : "markers";
  return (Object.hasOwn(KINDS, folder) ? KINDS[folder] : undefined) ?? "other";
}

/** Counts objects and bytes by kind. */
export class Amounts {
  readonly kinds: Partial<Record<StorageKind, StoredAmount>> = {};
  readonly total: StoredAmount = { objects: 0, bytes: 0 };

  /** @param kinds amounts that were counted before */
  constructor(kinds: Partial<Record<StorageKind, StoredAmount>> = {}) {
    for (const [kind, { objects, bytes }] of Object.entries(kinds)) {
      this.add(kind as StorageKind, bytes, objects);
    }
  }

  add(kind: StorageKind, bytes: number, objects = 1): void {
    const amount = this.kinds[kind] ?? { objects: 0, bytes: 0 };
    this.kinds[kind] = amount;
    for (const counted of [amount, this.total]) {
      counted.objects += objects;
      counted.bytes += bytes;
    }
  }
}
