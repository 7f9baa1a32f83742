import { Service, ServiceError } from "../client/service.ts";
import { serverFlag } from "../command/flags/server-flag.ts";
import { authorize } from "./authorize.ts";
import { Inputs } from "./inputs.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Cleans up at the end of the job: cancels a build at the server that was still running when the step was cancelled. Never
 * fails.
 */
export async function post(environment: NodeJS.ProcessEnv, workflow: Workflow): Promise<void> {
  const build = workflow.state("build");
  if (build === "" || workflow.state("ended") === "true") return;
  const inputs = new Inputs(environment);
  const server = serverFlag(inputs.text("server"), environment);
  try {
    const token = await authorize(server, inputs, environment, workflow);
    await new Service(server, { authorization: token && `Bearer ${token}` }).cancel(build);
    workflow.print(`Cancelled the build ${build}`);
  } catch (error) {
    // The build no longer exists.
    if (error instanceof ServiceError && error.problem.status === 404) return;
    workflow.annotate("warning", `Cannot cancel the build ${build}: ${(error as Error).message}`);
  }
}
