import type { ImageAddress } from "../../client/images.ts";
import { BASE_IMAGE } from "../../registry/base-image.ts";

/** The shell's name of the server's base image. */
const BASE_NAME = "busybox";

/**
 * Resolves an image name of the shell. A name without a folder belongs to the folder of the project's image: `site` is
 * `lessons-1a2b3/site`.
 * @param folder ends with a slash, or is empty
 * @param host host of the server. A name can start with it.
 */
export function readImageName(text: string, folder: string, host: string): ImageAddress {
  const local = text.startsWith(`${host}/`) ? text.slice(host.length + 1) : text;
  const isQualified = local !== text || local.includes("/");
  const at = local.indexOf("@");
  const colon = local.lastIndexOf(":");
  const end = at >= 0 ? at : colon > local.lastIndexOf("/") ? colon : local.length;
  const path = local.slice(0, end);
  const reference = local.slice(end + 1) || "latest";
  if (path === BASE_NAME && !isQualified) return { name: BASE_IMAGE, reference };
  return { name: isQualified ? path : folder + path, reference };
}

/** Returns the shell's name of a repository. */
export function shownName(name: string, folder: string): string {
  if (name === BASE_IMAGE) return BASE_NAME;
  return folder !== "" && name.startsWith(folder) ? name.slice(folder.length) : name;
}

/** Returns the folder of the project's images: `lessons-1a2b3/` for the image name `lessons-1a2b3/site:1`. */
export function imageFolder(tag: string): string {
  const [, folder = ""] = /^(lessons-[\w-]+\/)/.exec(tag.trim()) ?? [];
  return folder;
}
