import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "action.yml"), "utf8");

/** Names of the entries of a section of `action.yml`. */
function namesIn(section: string): string[] {
  const [, body = ""] = new RegExp(`^${section}:\\n((?:  .*\\n)+)`, "m").exec(text) ?? [];
  return [...body.matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name = ""]) => name);
}

const sources = ["main", "build-words", "authorize", "post"].map((name) =>
  readFileSync(join(root, `src/action/${name}.ts`), "utf8"),
);

// What docker/build-push-action 7 takes: a workflow goes on working when it names this action instead.
const others =
  "add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call cgroup-parent context file labels load network no-cache no-cache-filters outputs platforms provenance pull push sbom secrets secret-envs secret-files shm-size ssh tags target ulimit github-token".split(
    " ",
  );

test("every input of docker/build-push-action is there", () => {
  expect(namesIn("inputs")).toEqual(expect.arrayContaining(others));
  expect(namesIn("outputs")).toEqual(["imageid", "digest", "metadata", "build-id", "build-url"]);
});

test("every input is read, and told of in the documentation", () => {
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

test("what GitHub starts is there", () => {
  const files = [...text.matchAll(/^ {2}(?:main|post): (\S+)$/gm)].map(([, path = ""]) => path);
  expect(new Set(files)).toEqual(new Set(["dist/index.mjs"]));
  expect(readFileSync(join(root, "dist/index.mjs"), "utf8").length).toBeGreaterThan(1000);
});
