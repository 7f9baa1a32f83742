import { trimEnd } from "../../streams/trim-end.ts";
import { PlanFault } from "./plan-error.ts";

/**
 * Paths inside an image, whose operating system decides what a path is. Everything is text: no file system is
 * asked, and a path never leaves the root.
 */

const backslash = /\\/g;

/** Shortest path of the same meaning; `.` for the empty path. Leading `..` of a relative path stay. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!rooted) kept.push(part);
  }
  const joined = kept.join("/");
  return rooted ? `/${joined}` : joined || ".";
}

/** The parts as one clean path; empty parts are skipped. */
export function joinPath(...parts: string[]): string {
  const joined = parts.filter((part) => part !== "").join("/");
  return joined === "" ? "" : cleanPath(joined);
}

/** Last element of a path without trailing slashes; `.` for the empty path, `/` for the root. */
export function baseName(path: string): string {
  if (path === "") return ".";
  const trimmed = trimEnd(path, "/");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

function toSlash(path: string, os: string): string {
  return os === "windows" ? path.replace(backslash, "/") : path;
}

/**
 * Takes the drive letter from a Windows path, which must be that of the system drive. Other systems' paths stay.
 *
 * @throws {PlanFault} when the path names another drive, a share, or nothing behind the drive.
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
  const slashed = toSlash(path.slice(colon + 1), os);
  const clean = cleanPath(slashed);
  return keepSlash && clean.length > 1 && slashed.endsWith("/") ? `${clean}/` : clean;
}

/** Whether a path starts at the root, in the notation of that system. */
export function isAbsolutePath(path: string, os: string): boolean {
  try {
    return withoutDrive(path, os, false).startsWith("/");
  } catch (error) {
    if (error instanceof PlanFault) return false;
    throw error;
  }
}

/**
 * An absolute path with forward slashes and no drive. A relative `path` continues `parent`; an absolute one is
 * kept as it is written. With `keepSlash` a trailing `/` or `/.` survives, as it makes a destination a directory.
 *
 * @throws {PlanFault} when a Windows path is not on the system drive.
 */
export function absolutePath(parent: string, path: string, os: string, keepSlash: boolean): string {
  let base = withoutDrive(toSlash(parent, os) || "/", os, keepSlash);
  if (!base.startsWith("/")) base = joinPath("/", base);
  const written = toSlash(path, os);
  let result = withoutDrive(written === "" ? base : written, os, keepSlash);
  if (!result.startsWith("/")) result = joinPath(base, result);
  if (!keepSlash) return result;
  if (written.endsWith("/") && !result.endsWith("/")) return `${result}/`;
  if (written.endsWith("/.") && !result.endsWith("/.")) return `${result === "/" ? "" : result}/.`;
  return result;
}

/** The working directory after `WORKDIR path`, in the notation of that system. */
export function nextWorkdir(current: string, path: string, os: string): string {
  const next = absolutePath(current, path, os, false);
  return os === "windows" ? next.replaceAll("/", "\\") : next;
}

/** A working directory in forward slashes. */
export function slashed(path: string, os: string): string {
  return toSlash(path, os);
}
