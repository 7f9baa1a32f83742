import type { Context } from "../context/context.ts";
import { openContext } from "../context/store.ts";
import type { World } from "./world.ts";

/**
 * The last context from which an image was built: files it has need not be stored, nor sent, again. Contexts of
 * other images are not looked at, so that nobody can find out whether others hold a file.
 */
export async function lastContext({ store, cache }: World, image: string): Promise<Context | undefined> {
  const key = scopeKey(image);
  const digest = (await cache.get<string>([key])).get(key);
  return digest === undefined ? undefined : openContext(store, digest);
}

export async function rememberContext({ cache }: World, image: string, digest: string): Promise<void> {
  await cache.put(new Map([[scopeKey(image), digest]]));
}

function scopeKey(image: string): string {
  return `context/${image}`;
}
