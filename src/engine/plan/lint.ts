import { type Diagnostic, DockerfileError } from "../../dockerfile/diagnostic.ts";
import { type ReadResult, readDockerfileInPieces } from "../../dockerfile/instructions.ts";
import { inTurns } from "../../streams/turns.ts";
import { BuildError } from "../errors.ts";
import { plan } from "./evaluate.ts";
import type { PlanLookups, PlanOptions } from "./options.ts";
import { nowhere } from "./plan-error.ts";

/**
 * Lints a Dockerfile without building it: the findings of the rules, for all stages unless a target is given, followed
 * by the error that would fail the build. With a world, images are resolved, because some rules need the platforms and
 * variables of bases; without one, those rules report nothing.
 */
export async function lintSource(
  text: string | Uint8Array,
  options: PlanOptions = {},
  world?: PlanLookups,
): Promise<readonly Diagnostic[]> {
  try {
    const check = options.buildArgs?.BUILDKIT_DOCKERFILE_CHECK;
    const read = await inTurns(readDockerfileInPieces(text, { check }));
    return await diagnose(read, options, world);
  } catch (error) {
    if (error instanceof DockerfileError) return [...error.warnings, error.diagnostic];
    throw error;
  }
}

async function diagnose(
  read: ReadResult,
  options: PlanOptions,
  world: PlanLookups | undefined,
): Promise<readonly Diagnostic[]> {
  try {
    return (await plan(read, { ...options, allStages: options.allStages ?? !options.target }, world))
      .diagnostics;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return [...read.linter.diagnostics, diagnosticOf(error)];
  }
}

function diagnosticOf({ code, message, lines, hint, words }: BuildError): Diagnostic {
  return {
    code,
    severity: "error",
    message,
    lines: lines ?? nowhere,
    ...(words.length > 0 && { words }),
    ...(hint !== undefined && { help: hint }),
  };
}
