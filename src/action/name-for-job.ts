import type { BuildFlags } from "../command/flags/build-flags.ts";
import { jobRepository } from "../registry/names.ts";
import { hasIdToken } from "./id-token.ts";
import type { Inputs } from "./inputs.ts";
import type { Environment } from "./workflow.ts";

/**
 * Has an image without tags built in the repository of the job, to which the OIDC token of a job that may build gives access:
 * a rule of the server need not name a scope for it.
 * @param flags is changed
 */
export function nameForJob({ options }: BuildFlags, inputs: Inputs, environment: Environment): void {
  if ((options.tags ?? []).length > 0 || !hasIdToken(environment)) return;
  if (inputs.text("token") || environment.VARVE_TOKEN) return;
  const repository = jobRepository(environment.GITHUB_REPOSITORY ?? "");
  if (repository !== undefined) Object.assign(options, { tags: [repository], byDigest: true });
}
