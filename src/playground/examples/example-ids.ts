/** Ids of the examples in display order. The first one needs neither network nor runner. */
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

/** Prefix of the project ids of examples. */
const PREFIX = "example.";

export function isExample(projectId: string): boolean {
  return exampleIds.some((id) => projectId === PREFIX + id);
}

/** Returns the project id of an example. */
export function exampleProjectId(id: ExampleId): string {
  return PREFIX + id;
}
