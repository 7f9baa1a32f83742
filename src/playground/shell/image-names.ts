import { BASE_IMAGE } from "../../registry/base-image.ts";

/** What the shell calls the base image of the server. */
const BASE_NAME = "busybox";

/** An image of the server. */
export interface NamedImage {
  name: string;
  /** A tag or a digest. */
  reference: string;
}

/**
 * The image that a name in the shell means. Names without a folder are in the folder of the project's image, so that
 * `site` is the learner's own `lessons-1a2b3/site`.
 * @param folder ends with a slash, or is empty
 * @param host of the server, which names may begin with
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

/** A repository as the shell shows it. */
export function shownName(name: string, folder: string): string {
  if (name === BASE_IMAGE) return BASE_NAME;
  return folder !== "" && name.startsWith(folder) ? name.slice(folder.length) : name;
}

/** The folder of the images of a project, by the name of its image: `lessons-1a2b3/` of `lessons-1a2b3/site:1`. */
export function imageFolder(tag: string): string {
  const [, folder = ""] = /^(lessons-[\w-]+\/)/.exec(tag.trim()) ?? [];
  return folder;
}
