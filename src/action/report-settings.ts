import type { Inputs } from "./inputs.ts";
import type { Environment } from "./workflow.ts";

/** The parts of the report, selected by inputs of the step. */
export interface ReportSettings {
  /** Whether to write a summary. */
  summary: boolean;
  /** Whether the summary explains why each step was executed. */
  explain: boolean;
  /** Whether to annotate findings on their lines. */
  lint: boolean;
}

/** For a step that fails before its inputs are read. */
export const allReported: ReportSettings = { summary: true, explain: true, lint: true };

/** Reads the settings, with the variables of docker's actions as defaults. @throws {CommandError} */
export function readReportSettings(inputs: Inputs, environment: Environment): ReportSettings {
  return {
    summary: inputs.flag("summary", environment.DOCKER_BUILD_SUMMARY !== "false"),
    explain: inputs.flag("explain", true),
    lint: inputs.flag("lint", environment.DOCKER_BUILD_CHECKS_ANNOTATIONS !== "false"),
  };
}
