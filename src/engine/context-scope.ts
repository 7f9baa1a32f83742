import type { Context } from "../context/context.ts";
import { ContextScope } from "../context/scope.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { BuildError } from "./errors.ts";
import type { World } from "./world.ts";

/**
 * The last context from which an image was built: its files need not be sent again. Contexts of other images are not
 * searched, so that no client can find out whether another one has stored a file.
 */
export async function lastContext(
  { store, cache }: Pick<World, "store" | "cache">,
  image: string,
): Promise<Context | undefined> {
  const key = scopeKey(image);
  const digest = (await cache.get<string>([key])).get(key);
  return digest === undefined ? undefined : new ContextScope(store, image).openContext(digest);
}

/** Stores a context for an image. Its packs are stored already. */
export async function keepContext(world: World, image: string, context: Context): Promise<void> {
  await new ContextScope(world.store, image).saveContext(context);
  await rememberContext(world, image, context.digest);
}

/** Records a stored context as the last one of an image. */
export async function rememberContext(
  { cache }: Pick<World, "cache">,
  image: string,
  digest: string,
): Promise<void> {
  await cache.put(new Map([[scopeKey(image), digest]]));
}

/**
 * Rejects named contexts given by digest that were not uploaded for this image: knowing a digest must not grant access.
 * @throws {BuildError} `context-unknown`
 */
export async function requireContexts(
  store: ObjectStore,
  scope: string,
  contexts: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, source] of Object.entries(contexts)) {
    if (!source.startsWith("sha256:")) continue;
    if (await new ContextScope(store, scope).hasContext(source)) continue;
    throw new BuildError(
      "context-unknown",
      `Cannot use ${source} as the context "${name}": it is not stored here`,
      {
        hint: "Send its listing to /v1/contexts first, with the scope of the build.",
      },
    );
  }
}

function scopeKey(image: string): string {
  return `context/${image}`;
}
