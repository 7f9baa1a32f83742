import { createHash, type Hash } from "node:crypto";

/** The hash function of a repository's object ids (gitformat-signature(5), "object format"). */
export interface ObjectFormat {
  name: "sha1" | "sha256";
  /** Bytes of an object id. */
  idBytes: 20 | 32;
}

export const SHA1: ObjectFormat = { name: "sha1", idBytes: 20 };
export const SHA256: ObjectFormat = { name: "sha256", idBytes: 32 };

export type ObjectType = "commit" | "tree" | "blob" | "tag";

/** A hash that gives the object id after it was updated with the contents. */
export function objectHash(format: ObjectFormat, type: ObjectType, size: number): Hash {
  return createHash(format.name).update(`${type} ${size}\0`);
}

/** Whether a text is a full object id: 40 or 64 lower-case hexadecimal digits. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
