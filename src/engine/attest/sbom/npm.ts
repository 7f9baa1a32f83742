import { type FoundPackage, foundPackage } from "./found-package.ts";

/** What is read of a JSON file, whatever it holds. */
type Json = Record<string, unknown>;

/** The package of a `package.json`; undefined when that has no name or version, as those within a package. */
export function npmPackage(text: string): FoundPackage | undefined {
  const { name, version, license, licenses } = parse(text);
  return packageOf(textOf(name), { version, license: license ?? licenses });
}

/**
 * Packages of `node_modules/.package-lock.json`, in which npm notes what it has installed: the folder of each, relative
 * to that of the project, and the package.
 */
export function npmInstalled(text: string): [folder: string, found: FoundPackage][] {
  return Object.entries(objectOf(parse(text).packages)).flatMap(([folder, value]) => {
    const entry = objectOf(value);
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder)?.[1];
    const found = packageOf(textOf(entry.name) ?? name, entry);
    return name === undefined || entry.link === true || found === undefined ? [] : [[folder, found]];
  });
}

function packageOf(name: string | undefined, { version, license }: Json): FoundPackage | undefined {
  if (name === undefined || !/^(@[^/@]+\/)?[^/@]+$/.test(name)) return undefined;
  return foundPackage("npm", { name, version: textOf(version), license: licenseOf(license) });
}

/** A text; long ago, an object with a type, or a list of those of which one may be chosen. */
function licenseOf(license: unknown): string | undefined {
  const all = (Array.isArray(license) ? license : [license]).flatMap(
    (one) => textOf(one) ?? textOf(objectOf(one).type) ?? [],
  );
  return all.length > 0 ? all.join(" OR ") : undefined;
}

function parse(text: string): Json {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
