import type { Node, Tree } from "../../../rootfs/tree.ts";
import { collect, TooLargeError } from "../../../streams/collect.ts";
import { spend } from "../../../streams/turns.ts";
import { apkPackages } from "./apk.ts";
import { type Distribution, readDistribution } from "./distribution.ts";
import { dpkgPackages } from "./dpkg.ts";
import type { FoundPackage } from "./found-package.ts";
import { npmInstalled, npmPackage } from "./npm.ts";
import { pythonPackage } from "./python.ts";

/** The packages found in an image. */
export interface ImagePackages {
  packages: readonly InstalledPackage[];
  distribution: Distribution | undefined;
  /** Files that were not read, with the reason; when not empty, the list is incomplete. */
  omissions: readonly string[];
}

export interface InstalledPackage extends FoundPackage {
  /** The file that lists the package, relative to the root. */
  path: string;
}

/** Limits: an image may be hostile, and the list is kept in memory. */
export interface PackageLimits {
  packages: number;
  /** Files to read. */
  files: number;
  /** Bytes of a package list, which is read line by line. */
  listBytes: number;
  /** Bytes of a JSON file, which is read as a whole. */
  jsonBytes: number;
}

const usualLimits: PackageLimits = {
  packages: 20_000,
  files: 50_000,
  listBytes: 128 * 1024 * 1024,
  jsonBytes: 4 * 1024 * 1024,
};

/** Number of files that are prefetched together. */
const BATCH = 64;
/** Maximum number of omissions listed individually; the rest are only counted. */
const MAX_OMISSIONS = 20;

type Kind = "os-release" | "dpkg" | "apk" | "npm-installed" | "npm" | "python";

/** The files that list packages, by path; the first match counts. */
const kinds: readonly (readonly [Kind, RegExp])[] = [
  ["os-release", /^(etc|usr\/lib)\/os-release$/],
  ["dpkg", /^var\/lib\/dpkg\/(status|status\.d\/[^/]+(?<!\.md5sums))$/],
  ["apk", /^(usr\/)?lib\/apk\/db\/installed$/],
  ["npm-installed", /(^|\/)node_modules\/\.package-lock\.json$/],
  ["npm", /(^|\/)node_modules\/(@[^/]+\/)?[^/@.][^/]*\/package\.json$/],
  ["python", /(^|\/)[^/]+\.(dist-info\/METADATA|egg-info(\/PKG-INFO)?)$/],
];

/** Cost of examining an entry, and the additional cost per layer. */
const ENTRY = 4096;
const LAYER = 128;

/**
 * Finds the packages that dpkg, apk, npm and Python list in an image. Reads only those lists, without mounting the
 * image. What cannot be read is left out and listed in `omissions`.
 */
export async function packagesIn(
  tree: Tree,
  signal: AbortSignal,
  limits: Partial<PackageLimits> = {},
): Promise<ImagePackages> {
  const search = new Search(tree, { ...usualLimits, ...limits });
  const files: [Kind, Node][] = [];
  for (const node of tree.walk("")) {
    const turn = spend(ENTRY + LAYER * (tree.layerCount ?? 1));
    if (turn !== undefined) await turn;
    if (node.type !== "file" && node.contents === undefined) continue;
    const kind = kinds.find(([, pattern]) => pattern.test(node.path))?.[0];
    if (kind !== undefined) files.push([kind, node]);
  }
  // npm's lists of whole folders come first, so that their packages are not read again one by one.
  const first = files.filter(([kind]) => kind !== "npm");
  const rest = files.filter(([kind]) => kind === "npm");
  for (const some of [first, rest]) {
    for (let start = 0; start < some.length; start += BATCH) {
      const next = some.slice(start, start + BATCH).filter(([, { path }]) => !search.isKnown(path));
      for (const [, { contents }] of next) contents?.prefetch?.();
      for (const [kind, node] of next) {
        signal.throwIfAborted();
        await search.read(kind, node);
      }
    }
  }
  return search.result();
}

class Search {
  readonly #tree: Tree;
  readonly #limits: PackageLimits;
  readonly #packages: InstalledPackage[] = [];
  readonly #omissions: string[] = [];
  /** Paths of the `package.json` files that npm's own list already covers. */
  readonly #covered = new Set<string>();
  #distribution: Distribution | undefined;
  #files = 0;
  #omitted = 0;

  constructor(tree: Tree, limits: PackageLimits) {
    this.#tree = tree;
    this.#limits = limits;
  }

  isKnown(path: string): boolean {
    return this.#covered.has(path);
  }

  async read(kind: Kind, node: Node): Promise<void> {
    this.#files += 1;
    if (this.#files > this.#limits.files) return this.#omit(node.path, "there are too many such files");
    try {
      await this.#readKind(kind, node);
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      this.#omit(node.path, `it has more than ${error.limit} bytes`);
    }
  }

  result(): ImagePackages {
    const more = this.#omitted - this.#omissions.length;
    return {
      packages: this.#packages,
      distribution: this.#distribution,
      omissions: more > 0 ? [...this.#omissions, `and ${more} more`] : this.#omissions,
    };
  }

  async #readKind(kind: Kind, node: Node): Promise<void> {
    const { path } = node;
    switch (kind) {
      case "os-release":
        this.#distribution ??= readDistribution(await this.#text(node));
        return;
      case "dpkg":
        return this.#addAll(dpkgPackages(this.#list(node)), path);
      case "apk":
        return this.#addAll(apkPackages(this.#list(node)), path);
      case "python":
        return this.#add(await pythonPackage(this.#list(node)), path);
      case "npm":
        return this.#add(npmPackage(await this.#text(node)), path);
      case "npm-installed":
        return this.#addInstalled(await this.#text(node), path);
    }
  }

  /** Adds the packages of npm's list whose folders still exist. */
  #addInstalled(text: string, path: string): void {
    const project = path.slice(0, path.lastIndexOf("node_modules/"));
    for (const [folder, found] of npmInstalled(text)) {
      const manifest = `${project}${folder}/package.json`;
      if (this.#tree.lookup(manifest) === undefined) continue;
      this.#covered.add(manifest);
      this.#add(found, manifest);
    }
  }

  async #addAll(found: AsyncIterable<FoundPackage>, path: string): Promise<void> {
    for await (const one of found) this.#add(one, path);
  }

  #add(found: FoundPackage | undefined, path: string): void {
    if (found === undefined) return;
    if (this.#packages.length < this.#limits.packages) this.#packages.push({ ...found, path });
    else this.#omit(path, `there are more than ${this.#limits.packages} packages`);
  }

  #omit(path: string, why: string): void {
    this.#omitted += 1;
    if (this.#omissions.length < MAX_OMISSIONS) this.#omissions.push(`${path.toWellFormed()}: ${why}`);
  }

  async #text(node: Node): Promise<string> {
    return new TextDecoder().decode(await collect(this.#tree.read(node), this.#limits.jsonBytes));
  }

  async *#list(node: Node): AsyncGenerator<Uint8Array> {
    const { listBytes } = this.#limits;
    if (node.size > listBytes) throw new TooLargeError(listBytes);
    yield* this.#tree.read(node);
  }
}
