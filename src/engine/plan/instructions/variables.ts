import type { ArgInstruction, EnvInstruction } from "../../../dockerfile/instruction.ts";
import { namesSecret } from "../secret-name.ts";
import type { Evaluation } from "./evaluation.ts";

/** ENV: all pairs use the variables from before the instruction. */
export function env(instruction: EnvInstruction, evaluation: Evaluation): void {
  const { image, scope } = evaluation.state;
  const pairs = instruction.pairs.map(
    (pair) => [evaluation.expand(pair.key), evaluation.expand(pair.value)] as const,
  );
  for (const [index, [key, value]] of pairs.entries()) {
    if (instruction.pairs[index]?.legacy) evaluation.warn("LegacyKeyValueFormat", instruction.keyword);
    if (namesSecret(key)) evaluation.warn("SecretsUsedInArgOrEnv", "ENV", key);
    scope.set(key, value);
    image.settings.env.set(key, value);
  }
  const written = pairs.map(([key, value]) => `${key}=${value}`);
  image.history.addMetadata(["ENV", ...written].join(" "));
}

/** Arguments that processes do not receive: they configure SBOM scanners. */
const hiddenArgs = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/**
 * ARG: a value of the build overrides the default, and the default overrides the global value. Each argument can use
 * those before it on the same line.
 */
export function arg(instruction: ArgInstruction, evaluation: Evaluation): void {
  const { image, scope, args } = evaluation.state;
  const written: string[] = [];
  for (const { key, value: fallback } of instruction.args) {
    if (namesSecret(key)) evaluation.warn("SecretsUsedInArgOrEnv", "ARG", key);
    const given = evaluation.planContext.buildArgs.get(key);
    const value =
      given ??
      (fallback === undefined ? evaluation.planContext.globalScope.get(key) : evaluation.expand(fallback));
    if (value !== undefined && !hiddenArgs.includes(key)) scope.set(key, value);
    args.set(key, value);
    written.push(value === undefined ? key : `${key}=${value}`);
  }
  image.history.addMetadata(`ARG ${written.join(" ")}`);
}
