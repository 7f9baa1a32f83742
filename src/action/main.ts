import { Service } from "../client/service.ts";
import { callCommand } from "../command/build/build-call.ts";
import { buildFlagTable } from "../command/flags/build-flag-table.ts";
import { type BuildFlags, readBuildFlags } from "../command/flags/build-flags.ts";
import { parseFlags } from "../command/flags/parse.ts";
import type { Flag } from "../command/flags/table.ts";
import { Interrupt } from "../command/interrupt.ts";
import { loginFor } from "../command/open-service.ts";
import { BuildProgress } from "../progress/build-progress.ts";
import { agentOf } from "./agent.ts";
import { authorize } from "./authorize.ts";
import { buildStep } from "./build-step.ts";
import { buildWords } from "./build-words.ts";
import { hasCheckoutToken } from "./checkout-token.ts";
import { failureOf } from "./failure.ts";
import { useGitToken } from "./git-token.ts";
import { Inputs } from "./inputs.ts";
import { failureLevels } from "./lint.ts";
import { LogProgress } from "./log-progress.ts";
import { nameForJob } from "./name-for-job.ts";
import { type Outcome, report } from "./report.ts";
import { allReported, readReportSettings } from "./report-settings.ts";
import type { Workflow } from "./workflow.ts";

const checkoutTokenWarning =
  "actions/checkout left its token in .git/config, which is part of the context: COPY . . would copy it into the image. Add .git to .dockerignore, or check out with persist-credentials: false.";

/**
 * Runs the step.
 * @param environment receives variables for git and secrets
 * @returns the exit code
 */
export async function main(environment: NodeJS.ProcessEnv, workflow: Workflow): Promise<number> {
  const outcome: Outcome = { server: "", findings: [], warnings: 0, build: new BuildProgress() };
  let hasToken = false;
  let settings = allReported;
  try {
    const inputs = new Inputs(environment);
    settings = readReportSettings(inputs, environment);
    const failsOn = inputs.choice("lint-fail-on", failureLevels, "error");
    inputs.requireServer();
    const flags = readFlags(inputs, environment, workflow, outcome);
    outcome.server = flags.server;
    outcome.flags = flags;
    if (await hasCheckoutToken(flags)) {
      workflow.annotate("warning", checkoutTokenWarning, { title: "Token of the checkout in the context" });
      outcome.warnings += 1;
    }
    using interrupt = new Interrupt();
    flags.token = await authorize(flags.server, inputs, environment, workflow);
    hasToken = flags.token !== undefined;
    nameForJob(flags, inputs, environment);
    const agent = agentOf(environment);
    const service = new Service(flags.server, {
      authorization: flags.token && `Bearer ${flags.token}`,
      agent,
      loginFor,
      signal: interrupt.signal,
    });
    const { method } = flags.call;
    if (method === "outline" || method === "targets")
      return await workflow.withoutCommands(() => callCommand(service, flags));
    const progress = new LogProgress(workflow);
    outcome.build = progress.build;
    const lint = settings.lint || method === "check" ? failsOn : undefined;
    await buildStep({ service, flags, progress, interrupt }, { lint, workflow, outcome, agent });
  } catch (error) {
    outcome.problem ??= failureOf(error, environment, hasToken);
  }
  report(outcome, { environment, workflow, ...settings });
  return outcome.problem === undefined ? 0 : 1;
}

/** The flags of `varve build`. Warns once about inputs without effect or with another meaning. */
function readFlags(
  inputs: Inputs,
  environment: NodeJS.ProcessEnv,
  workflow: Workflow,
  outcome: Outcome,
): BuildFlags {
  const { words, secrets, notes } = buildWords(inputs, environment);
  for (const value of Object.values(secrets)) workflow.mask(value);
  Object.assign(environment, secrets);
  useGitToken(environment, inputs.text("github-token"));
  const { values, args, ignored } = parseFlags(buildFlagTable, words);
  const flags: Readonly<Record<string, Flag>> = buildFlagTable;
  const warnings = [...notes, ...ignored.map((name) => `${name}: ${flags[name]?.ignored}`)];
  if (warnings.length > 0) {
    workflow.annotate("warning", warnings.join("\n"), {
      title: "Inputs without effect or with another meaning",
    });
    outcome.warnings += 1;
  }
  return readBuildFlags(values, args, environment);
}
