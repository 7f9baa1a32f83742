import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "action.yml"), "utf8");

/** Names of the entries of a section of `action.yml`. */
function namesIn(section: string): string[] {
  const [, body = ""] = new RegExp(`^${section}:\\n((?:  .*\\n)+)`, "m").exec(text) ?? [];
  return [...body.matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name = ""]) => name);
}

interface Action {
  inputs: Record<string, { default?: string }>;
  outputs: Record<string, object>;
  runs: { main: string; post?: string };
}

const readAction = (file: string) => parse(readFileSync(join(root, file), "utf8")) as Action;
const sourceOf = (name: string) => readFileSync(join(root, `src/action/${name}.ts`), "utf8");

const sources = ["main", "build-words", "authorize", "post", "report-settings"].map(sourceOf);

// Inputs of docker/build-push-action 7. Workflows that switch to this action must keep working.
const others =
  "add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call cgroup-parent context file labels load network no-cache no-cache-filters outputs platforms provenance pull push sbom secrets secret-envs secret-files shm-size ssh tags target ulimit github-token".split(
    " ",
  );

test("every input of docker/build-push-action exists", () => {
  expect(namesIn("inputs")).toEqual(expect.arrayContaining(others));
  expect(namesIn("outputs")).toEqual(["imageid", "digest", "metadata", "build-id", "build-url"]);
});

test("every input is read and documented", () => {
  const documentation = readFileSync(join(root, "docs/action.md"), "utf8");
  for (const name of namesIn("inputs")) {
    expect(
      sources.some((source) => source.includes(`"${name}"`)),
      name,
    ).toBe(true);
    expect(documentation, name).toContain(`\`${name}\``);
  }
});

test("the token for git contexts is that of the job, as with docker/build-push-action", () => {
  expect(text).toMatch(/^ {2}github-token:\n(?: {4}.*\n)* {4}default: \$\{\{ github\.token \}\}$/m);
});

/** Inputs of docker/bake-action 7, and one of earlier versions. */
const ofBake =
  "builder allow call files no-cache pull load provenance push sbom set source targets vars github-token workdir".split(
    " ",
  );

test("every input of docker/bake-action exists and is documented", () => {
  const action = readAction("bake/action.yml");
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(ofBake));
  const documentation = readFileSync(join(root, "docs/action.md"), "utf8");
  const source = ["bake", "bake-words", "authorize", "report-settings"].map(sourceOf).join("\n");
  for (const name of Object.keys(action.inputs)) {
    expect(documentation, name).toContain(`\`${name}\``);
    expect(source, name).toContain(`"${name}"`);
  }
  expect(Object.keys(action.outputs)).toEqual(["metadata"]);
  expect(action.inputs["github-token"]).toMatchObject({ default: "${{ github.token }}" });
});

test.each(["action.yml", "bake/action.yml", "join/action.yml"])("the entry points of %s exist", (file) => {
  const { main, post = main } = readAction(file).runs;
  for (const path of [main, post]) {
    const program = join(root, dirname(file), path);
    expect(existsSync(program), program).toBe(true);
  }
});
