import { Service, ServiceError } from "../client/service.ts";
import { serverFlag } from "../command/flags/server-flag.ts";
import { authorize } from "./authorize.ts";
import { Inputs } from "./inputs.ts";
import type { Workflow } from "./workflow.ts";

/**
 * What is left to do when the job ends: a build that the step began and did not see end, because it was cancelled, is
 * ended at the server. Never fails.
 */
export async function post(environment: NodeJS.ProcessEnv, workflow: Workflow): Promise<void> {
  const build = workflow.state("build");
  if (build === "" || workflow.state("ended") === "true") return;
  const inputs = new Inputs(environment);
  const server = serverFlag(inputs.text("server"), environment);
  try {
    const token = await authorize(server, inputs, environment, workflow);
    await new Service(server, { authorization: token && `Bearer ${token}` }).cancel(build);
    workflow.print(`The build ${build} was cancelled`);
  } catch (error) {
    // It is not there: nothing has to be ended.
    if (error instanceof ServiceError && error.problem.status === 404) return;
    workflow.annotate("warning", `The build ${build} could not be cancelled: ${(error as Error).message}`);
  }
}
