interface PackageUrlParts {
  type: string;
  /** `@scope` of npm, `debian`, or the path of an image without its last name. */
  namespace?: string | undefined;
  name: string;
  version?: string | undefined;
  qualifiers?: Readonly<Record<string, string | undefined>>;
}

/** A package URL (purl-spec), the name by which scanners identify a package. */
export function packageUrl({
  type,
  namespace = "",
  name,
  version = "",
  qualifiers = {},
}: PackageUrlParts): string {
  const path = [...namespace.split("/").filter(Boolean), name].map(encode).join("/");
  const query = Object.entries(qualifiers)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`)
    .join("&");
  return `pkg:${type}/${path}${version && `@${encode(version)}`}${query && `?${query}`}`;
}

/** purl-spec, "Character encoding": colons are not encoded. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll("%3A", ":")
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}
