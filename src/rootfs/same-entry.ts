import type { Node } from "./tree.ts";

/** Whether two entries are equal except for their times. */
export function sameEntry(a: Node, b: Node): boolean {
  return (
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.size === b.size &&
    a.digest === b.digest &&
    a.linkname === b.linkname &&
    a.device?.major === b.device?.major &&
    a.device?.minor === b.device?.minor &&
    sameAttributes(a.xattrs, b.xattrs)
  );
}

function sameAttributes(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
