/** A package that an image says it has. */
export interface FoundPackage {
  /** As package URLs call it. */
  type: "deb" | "apk" | "npm" | "pypi";
  name: string;
  version: string;
  architecture?: string | undefined;
  /** What it was built from, when that has another name or version. */
  source?: string | undefined;
  /** As its metadata states it: an SPDX expression, or words. */
  license?: string | undefined;
  /** Who is answerable for it. */
  maintainer?: string | undefined;
}

/** Longer ones are no names, and no versions. */
const longestName = 214;
const longestVersion = 256;
const longestText = 1024;

/** A package of these fields; undefined when its name or version cannot be one. Other texts are cut. */
export function foundPackage(
  type: FoundPackage["type"],
  { name, version, ...rest }: { [field in keyof Omit<FoundPackage, "type">]?: string | undefined },
): FoundPackage | undefined {
  if (name === undefined || version === undefined) return undefined;
  if (!isWord(name, longestName) || !isWord(version, longestVersion)) return undefined;
  const texts = Object.entries(rest).flatMap(([field, text]) => {
    const cut = text?.trim().slice(0, longestText).toWellFormed();
    return cut ? [[field, cut]] : [];
  });
  return { type, name, version, ...Object.fromEntries(texts) };
}

/** Something without white space and control characters. */
function isWord(text: string, longest: number): boolean {
  return text.length <= longest && /^[^\s\p{C}]+$/u.test(text);
}
