import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Diagnostic } from "../../src/dockerfile/diagnostic.ts";
import { readIgnoreFile } from "../../src/dockerignore/read.ts";
import { lintSource as lintDockerfile } from "../../src/engine/plan/lint.ts";
import type { PlanLookups } from "../../src/engine/plan/options.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";

interface Finding {
  rule: string;
  line: number;
  message: string;
}

interface Case {
  name: string;
  dockerfile: string;
  files?: Record<string, string>;
  args?: Record<string, string>;
  warnings: Finding[];
  /** Findings in all stages, if they differ from `warnings`. */
  warningsWhenCheckingAllStages?: Finding[];
  buildError?: string;
}

/** Compares lint findings with BuildKit's: of a build of the default target, and of a check of all stages. */
export async function lint(): Promise<SetResult> {
  const cases = await readCases<Case>("lint.json");
  return runChecks(cases.map((given) => [given.name, check(given)]));
}

function check(given: Case): Check {
  return async () => {
    const buildArgs = Object.fromEntries(
      Object.entries(given.args ?? {}).map(([name, value]) => [name.replace(/^build-arg:/, ""), value]),
    );
    const ignore = readIgnoreFile(given.files?.[".dockerignore"] ?? "");
    const ofBuild = await lintDockerfile(given.dockerfile, { buildArgs, ignore, allStages: false }, anyImage);
    deepStrictEqual(warningsIn(ofBuild), sorted(given.warnings));
    const error = ofBuild.find(({ severity }) => severity === "error");
    strictEqual(error?.message, given.buildError);
    if (given.warningsWhenCheckingAllStages === undefined) return;
    const ofCheck = await lintDockerfile(given.dockerfile, { buildArgs, ignore }, anyImage);
    const expected = sorted(given.warningsWhenCheckingAllStages);
    deepStrictEqual(withoutLines(warningsIn(ofCheck)), withoutLines(expected));
  };
}

function warningsIn(diagnostics: readonly Diagnostic[]): Finding[] {
  return sorted(diagnostics.filter(({ severity }) => severity === "warning").map(findingOf));
}

/** Removes the lines, which the upstream test of checks does not compare and which are wrong there. */
function withoutLines(findings: readonly Finding[]): Omit<Finding, "line">[] {
  return findings.map(({ rule, message }) => ({ rule, message }));
}

/** Resolves each image, with an empty config. */
const anyImage: PlanLookups = {
  resolveImage: async (_reference, platform) => ({
    digest: `sha256:${"0".repeat(64)}`,
    platform,
    config: {
      ...platform,
      config: {},
      rootfs: { type: "layers", diff_ids: [] },
      history: [{ created_by: "base" }],
    },
  }),
};

function findingOf({ code, message, lines }: Diagnostic): Finding {
  return { rule: code, line: lines.start, message };
}

function sorted(findings: readonly Finding[]): Finding[] {
  const keyOf = ({ rule, line, message }: Finding): string =>
    `${rule} ${String(line).padStart(6)} ${message}`;
  return findings
    .map(({ rule, line, message }) => ({ rule, line, message }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
