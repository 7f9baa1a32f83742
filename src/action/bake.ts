import type { BuildEvent } from "../../schemas/events.ts";
import { BakeError } from "../bake/error.ts";
import { planText } from "../bake/print.ts";
import { type BakeFlags, bakeFlagTable } from "../command/bake/bake-flag-table.ts";
import {
  type BuiltTarget,
  bakeMetadata,
  buildTargets,
  checkTargets,
  isCheck,
  TargetError,
  type TargetObserver,
} from "../command/bake/build-targets.ts";
import { planOf, readBakeFiles } from "../command/bake/read-plan.ts";
import { CommandError, EXIT } from "../command/command-error.ts";
import { parseFlags } from "../command/flags/parse.ts";
import { serverFlag } from "../command/flags/server-flag.ts";
import { Interrupt } from "../command/interrupt.ts";
import { BuildProgress } from "../progress/build-progress.ts";
import { agentOf } from "./agent.ts";
import { authorize } from "./authorize.ts";
import { bakeWords } from "./bake-words.ts";
import { failureOf } from "./failure.ts";
import { useGitToken } from "./git-token.ts";
import { Inputs } from "./inputs.ts";
import { lastSizes } from "./last-build.ts";
import { LogProgress } from "./log-progress.ts";
import { nameForJob } from "./name-for-job.ts";
import { type Outcome, report } from "./report.ts";
import { allReported, readReportSettings } from "./report-settings.ts";
import type { Workflow } from "./workflow.ts";

/**
 * Runs the step of the bake action.
 * @param environment receives variables for git
 * @returns the exit code
 */
export async function bake(environment: NodeJS.ProcessEnv, workflow: Workflow): Promise<number> {
  const targets = new Targets(workflow);
  let hasToken = false;
  let settings = allReported;
  try {
    const inputs = new Inputs(environment);
    settings = readReportSettings(inputs, environment);
    const { words, folder } = bakeWords(inputs, environment);
    useGitToken(environment, inputs.text("github-token"));
    process.chdir(folder);
    const { values, args } = parseFlags(bakeFlagTable, words);
    const server = serverFlag(values.server, environment);
    inputs.requireServer();
    using interrupt = new Interrupt();
    const token = await authorize(server, inputs, environment, workflow);
    hasToken = token !== undefined;
    const agent = agentOf(environment);
    targets.prepare = async (name, flags, service) => {
      nameForJob(flags, inputs, environment);
      const [image] = flags.options.tags ?? [];
      const outcome = targets.of(name);
      if (image !== undefined) Object.assign(outcome, await lastSizes(service, image, agent));
    };
    const built = await workflow.withoutCommands(() =>
      build({ ...values, token }, args, { agent, environment, interrupt, server, targets, workflow }),
    );
    workflow.saveState("ended", "true");
    workflow.setOutput("metadata", bakeMetadata(built));
    for (const [name, { ended, flags }] of built) {
      const outcome = targets.of(name);
      Object.assign(outcome, { flags, server, result: ended.result });
      outcome.findings.push(...ended.warnings.map((one) => ({ ...one, ...located(one.line) })));
    }
  } catch (error) {
    targets.fail(error, (cause) => failureOf(cause, environment, hasToken));
  }
  for (const outcome of targets.reported()) report(outcome, { environment, workflow, ...settings });
  return targets.hasFailed ? 1 : 0;
}

const located = (line: number) => ({ endLine: line, severity: "warning" as const });

interface BakeTools {
  agent: string;
  environment: NodeJS.ProcessEnv;
  interrupt: Interrupt;
  server: string;
  targets: Targets;
  workflow: Workflow;
}

async function build(
  values: BakeFlags,
  names: readonly string[],
  { agent, environment, interrupt, server, targets, workflow }: BakeTools,
): Promise<Map<string, BuiltTarget>> {
  const warn = (message: string) => workflow.print(`WARNING: ${message}`);
  const plan = planOf(
    await readBakeFiles(values, environment, warn, interrupt.signal),
    names,
    values,
    environment,
  );
  workflow.startGroup("Bake definition");
  workflow.print(planText(plan).trimEnd());
  workflow.endGroup();
  targets.server = server;
  const progress = new LogProgress(workflow);
  if (isCheck(plan)) {
    const status = await checkTargets(plan, values, { server, progress, interrupt, agent, warn });
    if (status !== EXIT.ok) throw new CommandError("The lint of the Dockerfiles failed: see the log");
    return new Map();
  }
  return buildTargets(plan, values, { server, progress, interrupt, agent, warn, observer: targets });
}

/** Records the outcome of each target. */
class Targets implements TargetObserver {
  server = "";
  prepare: TargetObserver["prepare"];
  readonly #outcomes = new Map<string, Outcome>();
  readonly #workflow: Workflow;

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
  }

  of(name: string): Outcome {
    const known = this.#outcomes.get(name);
    if (known !== undefined) return known;
    const outcome: Outcome = {
      server: this.server,
      findings: [],
      warnings: 0,
      build: new BuildProgress({ stepLines: 10 }),
    };
    this.#outcomes.set(name, outcome);
    return outcome;
  }

  started(name: string, id: string): void {
    this.of(name).id = id;
    const ids = [...this.#outcomes.values()].flatMap((one) => one.id ?? []);
    // The post step cancels the builds if this process is killed.
    this.#workflow.saveState("build", ids.join(" "));
  }

  event(name: string, event: BuildEvent): void {
    this.of(name).build.add(event);
  }

  /** @param problemOf converts an error that is not the problem of a build */
  fail(error: unknown, problemOf: (error: unknown) => NonNullable<Outcome["problem"]>): void {
    const shown = error instanceof BakeError ? new CommandError(error.message) : error;
    if (shown instanceof TargetError) {
      this.of(shown.target).problem = shown.problem ?? problemOf(shown.cause);
    } else {
      this.of("").problem = problemOf(shown);
    }
  }

  get hasFailed(): boolean {
    return [...this.#outcomes.values()].some(({ problem }) => problem !== undefined);
  }

  /** The targets that ended, without those that were cancelled because another one failed. */
  reported(): Outcome[] {
    return [...this.#outcomes.values()].filter(
      ({ result, problem }) => result !== undefined || problem !== undefined,
    );
  }
}
