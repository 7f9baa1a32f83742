import { expect, test } from "vitest";
import { checkResult } from "../../schemas/check.ts";
import { ask, postBuild } from "./server.ts";

async function check(dockerfile: string, query = "") {
  const answer = await ask(`/v1/check${query}`, { method: "POST", body: dockerfile });
  expect(answer.status).toBe(200);
  return checkResult.parse(await answer.json()).findings;
}

test("a correct Dockerfile has no findings", async () => {
  expect(await check("FROM scratch\nCOPY a /\n")).toEqual([]);
});

test("findings have BuildKit's names and positions, and links to explanations", async () => {
  const findings = await check(
    "FROM scratch AS Base\nMAINTAINER me\nWORKDIR rel\nENV a b\n",
    "?dockerfile=app/Dockerfile",
  );
  expect(findings.map(({ rule, line, severity, file }) => [rule, line, severity, file])).toEqual([
    ["StageNameCasing", 1, "warning", "app/Dockerfile"],
    ["MaintainerDeprecated", 2, "warning", "app/Dockerfile"],
    ["WorkdirRelativePath", 3, "warning", "app/Dockerfile"],
    ["LegacyKeyValueFormat", 4, "warning", "app/Dockerfile"],
  ]);
  for (const { url } of findings) expect(url).toMatch(/^https:\/\/docs\.docker\.com\//);
});

test("an error is the last finding", async () => {
  const findings = await check("FROM scratch AS Base\nCOPPY a /\n");
  expect(findings.at(-1)).toMatchObject({
    severity: "error",
    line: 2,
    message: expect.stringContaining("COPPY"),
  });
});

test("unused stages are checked too", async () => {
  expect(await check("FROM scratch AS a\nMAINTAINER me\nFROM scratch AS b\n")).toMatchObject([
    { rule: "MaintainerDeprecated", line: 2 },
  ]);
});

test("a build with the option check applies target, arguments and ignore file", async () => {
  const files = { Dockerfile: "FROM scratch\nCOPY dist /\n", ".dockerignore": "dist\n", "dist/a": "" };
  const answer = await postBuild(files, { check: "1" });
  expect(checkResult.parse(await answer.json()).findings).toMatchObject([
    { rule: "CopyIgnoredFile", line: 2 },
  ]);
});

test("an empty body is an empty Dockerfile", async () => {
  expect(await check("")).toMatchObject([{ severity: "error", message: "the Dockerfile cannot be empty" }]);
});
