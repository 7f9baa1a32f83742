import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { annotate, type LintFinding } from "../../src/action/annotations.ts";
import { Workflow } from "../../src/action/workflow.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";

let log: string;
let workflow: Workflow;
let folder: TemporaryFolder;
let file: string;

beforeEach(() => {
  log = "";
  folder = temporaryFolder();
  file = join(folder.path, "file");
  workflow = new Workflow({ GITHUB_OUTPUT: file, STATE_build: "x" }, (text) => {
    log += text;
  });
});
afterEach(() => folder[Symbol.dispose]());

test("no text of a message or a property can end a command", () => {
  workflow.annotate("error", "100%\r\n::set-output::x", {
    title: "a,b: c",
    file: "x\n::y",
    line: 3,
    endLine: undefined,
  });
  expect(log).toBe("::error title=a%2Cb%3A c,file=x%0A%3A%3Ay,line=3::100%25%0D%0A::set-output::x\n");
});

test("untrusted text cannot become a workflow command", async () => {
  await workflow.withoutCommands(async () => workflow.print("::error::no"));
  const [first = "", inner, , last] = log.split("\n");
  const token = first.slice("::stop-commands::".length);
  expect(token.length).toBeGreaterThan(20);
  expect([inner, last]).toEqual(["::error::no", `::${token}::`]);
});

test("groups are printed as lines that GitHub folds, even while commands are stopped", async () => {
  await workflow.withoutCommands(async () => {
    workflow.startGroup("#1 RUN make");
    workflow.print("::error::no");
    workflow.endGroup();
  });
  const [, ...lines] = log.split("\n");
  expect(lines.slice(0, 3)).toEqual(["##[group]#1 RUN make", "::error::no", "##[endgroup]"]);
});

test("a value cannot contain its own end mark", () => {
  workflow.setOutput("a", "x\nend\n");
  workflow.setOutput("b", "y");
  const [, end] = /^a<<(\S+)\n/.exec(readFileSync(file, "utf8")) ?? [];
  expect(readFileSync(file, "utf8")).toMatch(
    new RegExp(`^a<<${end}\nx\nend\n\n${end}\nb<<(end_\\S+)\ny\n\\1\n$`),
  );
});

test("without GitHub, no files are written and state is read from the environment", () => {
  workflow.saveState("a", "b");
  workflow.summarize("c");
  expect(workflow.state("build")).toBe("x");
  expect(workflow.state("other")).toBe("");
});

test("annotations stay within GitHub's limits; errors and warnings count separately", () => {
  const findings = (severity: LintFinding["severity"], count: number): LintFinding[] =>
    Array.from({ length: count }, (_, i) => ({
      rule: "R",
      severity,
      message: "m",
      line: i + 1,
      endLine: i + 1,
    }));
  const untold = annotate(workflow, [...findings("warning", 14), ...findings("error", 12)], "Dockerfile", {
    error: 1,
    warning: 2,
  });
  expect(log.match(/^::warning /gm)).toHaveLength(8);
  expect(log.match(/^::error /gm)).toHaveLength(9);
  expect(untold).toHaveLength(6 + 3);
});

test("a finding in a file outside of the workspace has no position", () => {
  annotate(
    workflow,
    [{ rule: "R", severity: "warning", message: "m", line: 1, endLine: 2, url: "https://x" }],
    undefined,
    {
      error: 0,
      warning: 0,
    },
  );
  expect(log).toBe("::warning title=R::m%0AMore info: https://x\n");
});
