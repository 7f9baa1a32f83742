import type { Arg, Env } from "../../../dockerfile/instruction.ts";
import { namesSecret } from "../secret-name.ts";
import type { Place } from "./place.ts";

/** ENV: all pairs see the variables from before the instruction. */
export function env(instruction: Env, place: Place): void {
  const { image, scope } = place.state;
  const pairs = instruction.pairs.map((pair) => [place.expand(pair.key), place.expand(pair.value)] as const);
  for (const [index, [key, value]] of pairs.entries()) {
    if (instruction.pairs[index]?.legacy) place.warn("LegacyKeyValueFormat", instruction.keyword);
    if (namesSecret(key)) place.warn("SecretsUsedInArgOrEnv", "ENV", key);
    scope.set(key, value);
    image.settings.env.set(key, value);
  }
  const written = pairs.map(([key, value]) => `${key}=${value}`);
  image.history.addMetadata(["ENV", ...written].join(" "));
}

/** Arguments that processes do not see: they switch scanners. */
const hiddenArgs = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/**
 * ARG: a given value wins over the default, the default over the global one. Each argument sees those before it
 * on the same line.
 */
export function arg(instruction: Arg, place: Place): void {
  const { image, scope, args } = place.state;
  const written: string[] = [];
  for (const { key, value: fallback } of instruction.args) {
    if (namesSecret(key)) place.warn("SecretsUsedInArgOrEnv", "ARG", key);
    const given = place.surroundings.buildArgs.get(key);
    const value =
      given ?? (fallback === undefined ? place.surroundings.globalScope.get(key) : place.expand(fallback));
    if (value !== undefined && !hiddenArgs.includes(key)) scope.set(key, value);
    args.set(key, value);
    written.push(value === undefined ? key : `${key}=${value}`);
  }
  image.history.addMetadata(`ARG ${written.join(" ")}`);
}
