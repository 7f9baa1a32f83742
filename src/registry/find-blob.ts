import { isAbsent } from "./errors.ts";
import type { RegistryLister, RegistryReader } from "./registry.ts";

/** Maximum number of repositories searched for a blob, and of names read to find them. */
const MAX_SEARCHED = 100;
const MAX_NAMES = 10_000;

/** Finds a repository that has a blob, among the first hundred that the caller may pull from. */
export async function findBlob(
  registry: RegistryReader & RegistryLister,
  digest: string,
  canPull: (name: string) => boolean = () => true,
): Promise<string | undefined> {
  let searched = 0;
  let names = 0;
  for await (const name of registry.repositories()) {
    names += 1;
    if (names > MAX_NAMES) return undefined;
    if (!canPull(name)) continue;
    if (await has(registry, name, digest)) return name;
    searched += 1;
    if (searched === MAX_SEARCHED) return undefined;
  }
  return undefined;
}

async function has(registry: RegistryReader, name: string, digest: string): Promise<boolean> {
  try {
    await registry.resolveBlob(name, digest);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
