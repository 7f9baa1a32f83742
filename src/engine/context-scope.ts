import type { Context } from "../context/context.ts";
import { ContextScope } from "../context/scope.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { BuildError } from "./errors.ts";
import type { World } from "./world.ts";

/**
 * The last context from which an image was built: files it has need not be stored, nor sent, again. Contexts of
 * other images are not looked at, so that nobody can find out whether others hold a file.
 */
export async function lastContext({ store, cache }: World, image: string): Promise<Context | undefined> {
  const key = scopeKey(image);
  const digest = (await cache.get<string>([key])).get(key);
  return digest === undefined ? undefined : new ContextScope(store, image).openContext(digest);
}

/** Stores a context from which an image will be built; its packs are stored already. */
export async function keepContext(world: World, image: string, context: Context): Promise<void> {
  await new ContextScope(world.store, image).saveContext(context);
  await rememberContext(world, image, context.digest);
}

/** Makes a context that is stored the last one. */
export async function rememberContext({ cache }: World, image: string, digest: string): Promise<void> {
  await cache.put(new Map([[scopeKey(image), digest]]));
}

/**
 * Sees to it that named contexts that are given by their digests came through the scope: a digest is no secret.
 * @throws BuildError `context-unknown`
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
