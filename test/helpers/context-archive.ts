import { archive, member } from "../tar/archive.ts";

/** Files of a context by path. A path that ends in `/` is a directory. */
export type ContextFiles = Record<
  string,
  string | Uint8Array | { link: string } | { hardlink: string } | { bytes: Uint8Array; mode: number }
>;

/** A context as the body of a request. */
export function contextOf(files: ContextFiles): Uint8Array<ArrayBuffer> {
  const members = Object.entries(files).map(([path, content]) => {
    if (path.endsWith("/")) return member({ path: path.slice(0, -1), type: "dir", mode: 0o755 });
    if (typeof content === "string" || content instanceof Uint8Array) return member({ path }, content);
    if ("bytes" in content) return member({ path, mode: content.mode }, content.bytes);
    if ("hardlink" in content) return member({ path, type: "hardlink", linkname: content.hardlink });
    return member({ path, type: "symlink", mode: 0o777, linkname: content.link });
  });
  return archive(...members);
}
