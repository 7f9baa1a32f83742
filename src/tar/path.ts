import { TarError } from "./error.ts";
import { encodeName } from "./text.ts";

/** Handling of names that leave the root: `clamp` keeps them at the root, like a chroot. */
export type EscapePolicy = "clamp" | "refuse";

export interface NameLimits {
  /** Bytes of a path, or of a link's target. */
  maxNameBytes: number;
  /** Number of names in a path. */
  maxDepth: number;
}

/** The limits of archives, contexts and results of steps: Linux's limit of a path, and 512 directories. */
export const NAME_LIMITS: NameLimits = { maxNameBytes: 4096, maxDepth: 512 };

/** Linux's limit of a single name. */
const MAX_NAME_BYTES = 255;
const UNCLEAN = /(?:^|\/)\.{0,2}(?:\/|$)/;

/**
 * Converts a name in an archive to an entry path: relative to the root, without `.`, `..` and empty names. Throws
 * `TarError` (`escapes`, `name-too-long`, `too-deep`).
 */
export function entryPath(name: string, escapes: EscapePolicy, limits: NameLimits, entry = name): string {
  checkLength(name, limits.maxNameBytes, entry);
  let path = name.endsWith("/") ? name.slice(0, -1) : name;
  if (UNCLEAN.test(path)) {
    const refuse = () => {
      throw new TarError("escapes", entry, `"${path.slice(0, 300)}" leads out of the root`);
    };
    path = namesInRoot(path, escapes === "refuse" ? refuse : undefined).join("/");
  }
  if (path.length > limits.maxDepth || path.length > MAX_NAME_BYTES / 3)
    checkNames(path, limits.maxDepth, entry);
  return path;
}

/** A UTF-16 code unit is at most three bytes. @throws {TarError} (`name-too-long`) */
export function checkLength(name: string, maxBytes: number, entry: string): void {
  if (name.length * 3 <= maxBytes) return;
  if (name.length > maxBytes || encodeName(name).length > maxBytes) {
    throw new TarError("name-too-long", entry, `a name is longer than ${maxBytes} bytes`);
  }
}

/** Whether an entry path exceeds `NAME_LIMITS`, or a name in it exceeds Linux's limit. */
export function isTooLong(path: string): boolean {
  const { maxNameBytes, maxDepth } = NAME_LIMITS;
  if (path.length <= MAX_NAME_BYTES / 3 && path.length <= maxDepth) return false;
  try {
    checkLength(path, maxNameBytes, path);
    checkNames(path, maxDepth, path);
    return false;
  } catch (error) {
    if (error instanceof TarError) return true;
    throw error;
  }
}

/**
 * The names of a path without `.`, `..` and empty ones. `..` removes the name before it; at the root, it calls `onEscape`
 * and has no other effect. Links are not followed.
 */
export function namesInRoot(path: string, onEscape?: () => void): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) onEscape?.();
  }
  return names;
}

/** A path from the root, of the names of `namesInRoot`. */
export function pathInRoot(path: string): string {
  return namesInRoot(path).join("/");
}

function checkNames(path: string, maxDepth: number, entry: string): void {
  let depth = 1;
  let start = 0;
  for (let i = 0; i <= path.length; i++) {
    if (i < path.length && path.charCodeAt(i) !== 0x2f) continue;
    if (i - start > MAX_NAME_BYTES / 3) checkLength(path.slice(start, i), MAX_NAME_BYTES, entry);
    start = i + 1;
    if (i < path.length) depth += 1;
  }
  if (depth > maxDepth) throw new TarError("too-deep", entry, `more than ${maxDepth} directories`);
}
