import { cleanPath } from "../../dockerignore/clean-path.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { PlanFault } from "./plan-error.ts";

/** Pure path functions for an image's operating system, which determines the syntax. A path never leaves the root. */

const backslash = /\\/g;

/** Joins parts to one clean path; skips empty parts. */
export function joinPath(...parts: string[]): string {
  const joined = parts.filter((part) => part !== "").join("/");
  return joined === "" ? "" : cleanPath(joined);
}

/** Last element of a path, without trailing slashes; `.` for the empty path, `/` for the root. */
export function baseName(path: string): string {
  if (path === "") return ".";
  const trimmed = trimEnd(path, "/");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

export function toForwardSlashes(path: string, os: string): string {
  return os === "windows" ? path.replace(backslash, "/") : path;
}

/**
 * Removes the drive letter of a Windows path, which must be that of the system drive. Paths of other systems do not
 * change.
 * @throws {PlanFault} when the path names another drive, a share, or only a drive.
 */
function withoutDrive(path: string, os: string, keepSlash: boolean): string {
  if (os !== "windows") return path;
  if (/^.:$/.test(path))
    throw new PlanFault("plan/invalid-value", `No relative path specified in ${JSON.stringify(path)}`);
  if (/^[\\/]{2}/.test(path)) throw new PlanFault("plan/invalid-value", "UNC paths are not supported");
  const colon = path.indexOf(":");
  if (colon >= 0 && path.slice(0, colon).toLowerCase() !== "c") {
    throw new PlanFault("plan/invalid-value", "The specified path is not on the system drive (C:)");
  }
  const slashed = toForwardSlashes(path.slice(colon + 1), os);
  const clean = cleanPath(slashed);
  return keepSlash && clean.length > 1 && slashed.endsWith("/") ? `${clean}/` : clean;
}

/** Whether a path is absolute in the syntax of an operating system. */
export function isAbsolutePath(path: string, os: string): boolean {
  try {
    return withoutDrive(path, os, false).startsWith("/");
  } catch (error) {
    if (error instanceof PlanFault) return false;
    throw error;
  }
}

/**
 * An absolute path with forward slashes and no drive. A relative `path` is resolved against `parent`; an absolute one
 * does not change. With `keepSlash`, a trailing `/` or `/.` is kept, because it makes a destination a directory.
 * @throws {PlanFault} when a Windows path is not on the system drive.
 */
export function absolutePath(parent: string, path: string, os: string, keepSlash: boolean): string {
  let base = withoutDrive(toForwardSlashes(parent, os) || "/", os, keepSlash);
  if (!base.startsWith("/")) base = joinPath("/", base);
  const written = toForwardSlashes(path, os);
  let result = withoutDrive(written === "" ? base : written, os, keepSlash);
  if (!result.startsWith("/")) result = joinPath(base, result);
  if (!keepSlash) return result;
  if (written.endsWith("/") && !result.endsWith("/")) return `${result}/`;
  if (written.endsWith("/.") && !result.endsWith("/.")) return `${result === "/" ? "" : result}/.`;
  return result;
}

/** The working directory after `WORKDIR path`, in the syntax of the operating system. */
export function nextWorkdir(current: string, path: string, os: string): string {
  const next = absolutePath(current, path, os, false);
  return os === "windows" ? next.replaceAll("/", "\\") : next;
}
