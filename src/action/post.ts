import { Service, ServiceError } from "../client/service.ts";
import { serverFlag } from "../command/flags/server-flag.ts";
import { authorize } from "./authorize.ts";
import { Inputs } from "./inputs.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Cleans up at the end of the job: cancels builds at the server that were still running when the step was cancelled. Never
 * fails.
 */
export async function post(environment: NodeJS.ProcessEnv, workflow: Workflow): Promise<void> {
  const builds = workflow.state("build").split(" ").filter(Boolean);
  if (builds.length === 0 || workflow.state("ended") === "true") return;
  const inputs = new Inputs(environment);
  const server = serverFlag(inputs.text("server"), environment);
  const label = builds.length === 1 ? "the build" : "the builds";
  try {
    const token = await authorize(server, inputs, environment, workflow);
    const service = new Service(server, { authorization: token && `Bearer ${token}` });
    for (const build of builds) await cancel(service, build, workflow);
  } catch (error) {
    workflow.annotate("warning", `Cannot cancel ${label} ${builds.join(", ")}: ${(error as Error).message}`);
  }
}

async function cancel(service: Service, build: string, workflow: Workflow): Promise<void> {
  try {
    await service.cancel(build);
    workflow.print(`Cancelled the build ${build}`);
  } catch (error) {
    // The build no longer exists.
    if (!(error instanceof ServiceError && error.problem.status === 404)) throw error;
  }
}
