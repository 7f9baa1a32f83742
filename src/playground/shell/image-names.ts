import { BASE_IMAGE } from "../../registry/base-image.ts";

/** The shell's name of the server's base image. */
const BASE_NAME = "busybox";

/** An image of the server. */
export interface NamedImage {
  name: string;
  /** A tag or a digest. */
  reference: string;
}

/**
 * Resolves an image name of the shell. A name without a folder is in the folder of the project's image, so `site` is
 * the learner's `lessons-1a2b3/site`.
 * @param folder ends with a slash, or is empty
 * @param host host of the server, which a name can start with
 */
export function readImageName(text: string, folder: string, host: string): NamedImage {
  const own = text.startsWith(`${host}/`) ? text.slice(host.length + 1) : text;
  const isQualified = own !== text || own.includes("/");
  const at = own.indexOf("@");
  const colon = own.lastIndexOf(":");
  const end = at >= 0 ? at : colon > own.lastIndexOf("/") ? colon : own.length;
  const path = own.slice(0, end);
  const reference = own.slice(end + 1) || "latest";
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
