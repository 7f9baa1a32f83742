/** Projects to start with, in the order in which they are offered. The first needs neither a network nor a runner. */
export const exampleIds = [
  "site",
  "web-server",
  "node",
  "go",
  "python",
  "multi-stage",
  "secrets",
  "slow",
] as const;
export type ExampleId = (typeof exampleIds)[number];

/** Projects with this prefix are examples: they are kept once they are changed. */
const PREFIX = "example.";

export function isExample(projectId: string): boolean {
  return exampleIds.some((id) => projectId === PREFIX + id);
}

/** The id of the project that an example is. */
export function exampleProjectId(id: ExampleId): string {
  return PREFIX + id;
}
