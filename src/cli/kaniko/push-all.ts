import { setTimeout } from "node:timers/promises";
import type { BuildResult } from "../../../schemas/events.ts";
import type { BuildTools } from "../../command/build/build-tools.ts";
import { isHostOf } from "../../command/outputs/own-name.ts";
import { copyWithProgress, openImagePlace, openOwnRegistry } from "../../command/outputs/push-image.ts";
import { parseReference } from "../../oci/reference.ts";
import { RegistryError } from "../../registry/errors.ts";
import { readRepository } from "../../registry/names.ts";
import type { PushSettings } from "./push-settings.ts";

/** Messages by which registries reject a push because the tag is immutable. */
const IMMUTABLE = /tag immutability|repository is immutable|tag is immutable/i;

/**
 * Pushes the result of a build to each destination. The server itself already has it.
 * @param destinations names in full
 */
export async function pushAll(
  result: BuildResult,
  destinations: readonly string[],
  settings: PushSettings,
  tools: BuildTools,
): Promise<void> {
  const from = {
    registry: await openOwnRegistry(tools.flags),
    name: readRepository(result.repository),
    reference: result.descriptor.digest,
  };
  const kept: string[] = [];
  for (const name of destinations) {
    if (isHostOf(name, tools.flags.server)) continue;
    const reference = parseReference(name);
    const push = async () => {
      const to = await openImagePlace(reference, settings.connectionOf(reference.host));
      await copyWithProgress(from, to, {
        progress: tools.progress,
        step: `pushing ${name}`,
        referrers: true,
      });
    };
    try {
      await withRetries(push, settings.retries);
    } catch (error) {
      if (!settings.ignoresImmutableTags || !isImmutable(error)) throw error;
      kept.push(`WARNING: ${name} is not replaced: ${(error as Error).message}\n`);
    }
  }
  tools.progress.end(kept.join(""));
}

function isImmutable(error: unknown): boolean {
  return error instanceof RegistryError && IMMUTABLE.test(error.message);
}

async function withRetries(push: () => Promise<void>, retries: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await push();
    } catch (error) {
      if (attempt === retries || isImmutable(error)) throw error;
      await setTimeout(1000 * 2 ** Math.min(attempt, 5));
    }
  }
}
