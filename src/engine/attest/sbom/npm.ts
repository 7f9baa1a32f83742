import { type FoundPackage, foundPackage } from "./found-package.ts";

/** A parsed JSON object of unknown shape. */
type Json = Record<string, unknown>;

/** Reads a `package.json`; undefined when it has no name or version, as for folders inside a package. */
export function npmPackage(text: string): FoundPackage | undefined {
  const { name, version, license, licenses } = parse(text);
  return packageOf(textOf(name), { version, license: license ?? licenses });
}

/**
 * Reads `node_modules/.package-lock.json`, npm's list of installed packages: the folder of each package, relative to
 * the project, and the package.
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

/** The license of a package. Old packages have an object with a type, or a list of alternatives. */
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
