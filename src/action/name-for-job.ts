import type { BuildFlags } from "../command/flags/build-flags.ts";
import { jobRepository } from "../registry/names.ts";
import { hasIdToken } from "./id-token.ts";
import type { Inputs } from "./inputs.ts";
import type { Environment } from "./workflow.ts";

/**
 * Builds an image without tags in the repository of the job. A job's OIDC token gives access to this repository, so that a
 * rule of the server needs no scope for it.
 * @param flags changed by this function
 */
export function nameForJob({ options }: BuildFlags, inputs: Inputs, environment: Environment): void {
  if ((options.tags ?? []).length > 0 || !hasIdToken(environment)) return;
  if (inputs.text("token") || environment.VARVE_TOKEN) return;
  const repository = jobRepository(environment.GITHUB_REPOSITORY ?? "");
  if (repository !== undefined) Object.assign(options, { tags: [repository], byDigest: true });
}
