import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { BakeRights } from "../../src/command/bake/rights.ts";
import { testFolder } from "../helpers/test-folder.ts";
import { varve } from "./server.ts";

// Bake files may come from other people: access outside their folder needs the caller's permission.

const outside = testFolder("rights");
const folder = join(outside, "project");

beforeAll(() => {
  mkdirSync(folder);
  writeFileSync(join(outside, "secret"), "A=of another project\n");
  writeFileSync(join(outside, "Dockerfile"), "FROM scratch\n");
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  symlinkSync("..", join(folder, "up"));
  symlinkSync("../Dockerfile", join(folder, "linked"));
  // Looks like a URL, and is a folder.
  mkdirSync(join(folder, "https:"));
  symlinkSync("../..", join(folder, "https:/host"));
});

/** No server answers there: rights are judged before. */
const flags = ["--server", "http://127.0.0.1:1", "--progress", "none"];

async function bake(file: string, ...words: string[]) {
  const name = file.includes("services:") ? "compose.yaml" : "docker-bake.hcl";
  writeFileSync(join(folder, name), file);
  return varve(["bake", ...flags, "-f", name, ...words], { cwd: folder });
}

const cases: [line: string, right: string][] = [
  ['entitlements = ["security.insecure"]', "security.insecure"],
  ['entitlements = ["network.host"]', "network.host"],
  ['network = "host"', "network.host"],
  ['ssh = ["default"]', "ssh"],
  ['ssh = ["id=../secret"]', `fs.read=${outside}/secret`],
  ['secret = ["id=x,src=../secret"]', `fs.read=${outside}/secret`],
  ['secret = ["id=../secret"]', `fs.read=${outside}/secret`],
  ['context = ".."', `fs.read=${outside}`],
  ['context = "up"', `fs.read=${outside}`],
  ['context = "https://host"', `fs.read=${outside}`],
  ['dockerfile = "../Dockerfile"', `fs.read=${outside}/Dockerfile`],
  ['dockerfile = "linked"', `fs.read=${outside}/Dockerfile`],
  ['contexts = { a = ".." }', `fs.read=${outside}`],
  ['contexts = { a = "oci-layout://../layout:tag" }', `fs.read=${outside}/layout`],
  ['output = ["type=local,dest=../out"]', `fs.write=${outside}/out`],
  ['output = ["type=tar,dest=up/out.tar"]', `fs.write=${outside}/out.tar`],
];

describe("a target needs the right", { timeout: 60_000 }, () => {
  test.each(cases)("%s", async (line, right) => {
    const file = `target "default" {\n${line}\n}\n`;
    const refused = await bake(file);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining(right) });
    expect(refused.stderr).toContain("target default requires rights");
  });

  test.each([
    ['entitlements = ["security.insecure"]', "security.insecure"],
    ['context = ".."', `fs.read=${outside}`],
  ])("%s, which the caller allows", async (line, right) => {
    const { stderr } = await bake(`target "default" {\n${line}\n}\n`, "--allow", right);
    expect(stderr).not.toContain("requires rights");
  });

  test("no right is needed within the folder", async () => {
    const file =
      'target "default" {\ncontexts = { a = "up/project" }\noutput = ["type=local,dest=out/x"]\n}\n';
    expect((await bake(file)).stderr).not.toContain("requires rights");
  });

  test("in a compose file too", async () => {
    const file = "services:\n  a:\n    build: { context: ., entitlements: [security.insecure] }\n";
    expect((await bake(file)).stderr).toContain("target a requires rights: security.insecure");
  });
});

test("a compose file cannot read files outside of its folder", async () => {
  const file = "services:\n  a:\n    env_file: ../secret\n    build: { context: ., args: [A] }\n";
  const refused = await bake(file, "--print");
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("--allow fs.read=../secret") });
  const allowed = await bake(file, "--print", "--allow", "fs.read=..");
  expect(allowed.stdout).toContain("of another project");
});

test.each([
  [["fs.read=/a"], "/a/b", true],
  [["fs.read=/a"], "/ab", false],
  [["fs.read=/a"], "/a/../b", false],
  [["fs=/a"], "/a", true],
  [["fs"], "/x", true],
  [["fs=*"], "/x", true],
  [["fs.read=*"], "/x", true],
  [["fs.write=*"], "/x", false],
  [["fs.read"], "/x", true],
])("%j: reads %s: %s", (granted, path, isAllowed) => {
  expect(new BakeRights(granted).mayRead(path)).toBe(isAllowed);
});
