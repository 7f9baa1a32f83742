import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One use of docker/build-push-action in a public workflow. */
export interface Workflow {
  /** `owner/repository/path` at GitHub. */
  source: string;
  job: string;
  /** The block `with:`, before GitHub evaluates its expressions. */
  with: Record<string, string>;
  /** Values of expressions that differ from the common ones. */
  values?: Record<string, string>;
}

interface WorkflowFile {
  /** Values of the expressions of all workflows. */
  values: Record<string, string>;
  workflows: Workflow[];
}

const file: WorkflowFile = JSON.parse(readFileSync(join(import.meta.dirname, "workflows.json"), "utf8"));

export const { workflows } = file;

/** Registries of the workflows, which are one registry of this machine in the tests. */
const registries = /\b(?:ghcr\.io|docker\.io|quay\.io|localhost:5000)\//g;

/**
 * The inputs as GitHub passes them to the step.
 * @param registry host and folder in the registry that takes the place of all others
 * @param workspace folder of the checkout
 */
export function inputsOf(workflow: Workflow, registry: string, workspace: string): Record<string, string> {
  const values = { ...file.values, ...workflow.values };
  const entries = Object.entries(workflow.with).map(([name, text]) => {
    const evaluated = text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/gs, (_, expression: string) => {
      const value = values[expression];
      if (value === undefined) throw new Error(`There is no value for ${expression}`);
      return value;
    });
    const here = evaluated.replaceAll(registries, `${registry}/`).replaceAll("/tmp/", `${workspace}/tmp/`);
    return [name, here];
  });
  return Object.fromEntries(entries);
}
