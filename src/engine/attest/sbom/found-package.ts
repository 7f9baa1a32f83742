/** A package that the metadata in an image lists. */
export interface FoundPackage {
  /** The type in package URLs. */
  type: "deb" | "apk" | "npm" | "pypi";
  name: string;
  version: string;
  architecture?: string | undefined;
  /** The source package, when its name or version differs. */
  source?: string | undefined;
  /** The license as the metadata declares it: an SPDX expression or free text. */
  license?: string | undefined;
  /** The maintainer, as `Name <address>`. */
  maintainer?: string | undefined;
}

/** Longer names and versions are ignored. */
const MAX_NAME = 214;
const MAX_VERSION = 256;
const MAX_TEXT = 1024;

/** Creates a package from metadata fields; undefined when the name or version is invalid. Other long fields are cut. */
export function foundPackage(
  type: FoundPackage["type"],
  { name, version, ...rest }: { [field in keyof Omit<FoundPackage, "type">]?: string | undefined },
): FoundPackage | undefined {
  if (name === undefined || version === undefined) return undefined;
  if (!isWord(name, MAX_NAME) || !isWord(version, MAX_VERSION)) return undefined;
  const texts = Object.entries(rest).flatMap(([field, text]) => {
    const cut = text?.trim().slice(0, MAX_TEXT).toWellFormed();
    return cut ? [[field, cut]] : [];
  });
  return { type, name, version, ...Object.fromEntries(texts) };
}

/** Whether a text is not empty, not too long, and without white space and control characters. */
function isWord(text: string, maxLength: number): boolean {
  return text.length <= maxLength && /^[^\s\p{C}]+$/u.test(text);
}
