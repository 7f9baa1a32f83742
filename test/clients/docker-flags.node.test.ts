import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { imagetoolsCommand } from "../../src/cli/images/imagetools-command.ts";
import { pruneCommand } from "../../src/cli/server/prune-command.ts";
import { bakeFlagTable } from "../../src/command/bake/bake-flag-table.ts";
import { UsageError } from "../../src/command/command-error.ts";
import { buildFlagTable } from "../../src/command/flags/build-flag-table.ts";
import { readBuildFlags } from "../../src/command/flags/build-flags.ts";
import { parseFlags } from "../../src/command/flags/parse.ts";
import { endOfArchive } from "../../src/tar/write.ts";
import { buildxFlags } from "../command/flags/buildx-flag-names.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { missing } from "./programs.ts";

// docker's parsing is visible in its requests: the classic builder sends every flag to the engine.

/** An engine that accepts every build and records the last query. */
let query: URLSearchParams | undefined;
const engine = await serveLoopback((request, response) => {
  const url = new URL(request.url ?? "", "http://engine");
  if (url.pathname.endsWith("/build")) query = url.searchParams;
  request.resume().on("end", () => {
    response.setHeader("api-version", "1.45");
    response.end(url.pathname.endsWith("/build") ? '{"stream":"done"}\n' : "OK");
  });
});
const settings = suiteFolder();

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

/** The query that docker sends, or its error. */
async function byDocker(words: readonly string[]): Promise<object | string> {
  query = undefined;
  const docker = spawn("docker", ["build", ...words], {
    env: {
      PATH: process.env.PATH,
      DOCKER_BUILDKIT: "0",
      DOCKER_HOST: engine.origin.replace("http", "tcp"),
      DOCKER_CONFIG: settings,
    },
  });
  docker.on("error", () => {
    throw missing("docker");
  });
  let stderr = "";
  docker.stdin.on("error", () => {}).end(endOfArchive);
  docker.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [status] = (await once(docker, "close")) as [number];
  if (status !== 0) return stderr.replace(/^DEPRECATED[\s\S]*?\n\n/, "").split("\n")[0] ?? "";
  const sent = query as URLSearchParams | undefined;
  return {
    tags: sent?.getAll("t"),
    labels: JSON.parse(sent?.get("labels") ?? "{}"),
    target: sent?.get("target") ?? "",
    dockerfile: sent?.get("dockerfile"),
    noCache: sent?.get("nocache") === "1",
    pull: sent?.get("pull") === "1",
    quiet: sent?.get("q") === "1",
  };
}

function byVarve(words: readonly string[]): object | string {
  try {
    const { values, args } = parseFlags(buildFlagTable, words);
    if (args.length !== 1) return "arguments";
    const { options, file, quiet } = readBuildFlags(values, args, {});
    const { tags, labels, target = "", noCache, pull } = options;
    return { tags, labels, target, dockerfile: file || "Dockerfile", noCache, pull, quiet };
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** Docker checks names and labels at once, varve's server later. */
const JUDGED = /invalid reference format|invalid argument .* for "(-t, --tag|--label)" flag/;

const flags = fc.constantFrom(
  ...[
    "-t",
    "-ta",
    "-t=a",
    "-t=",
    "-qt",
    "-qtb",
    "--tag",
    "--tag=c",
    "--label",
    "--label=x=y",
    "--label=x",
    "-q",
    "-qq",
  ],
  ...[
    "-q=false",
    "-q=1",
    "--quiet",
    "--quiet=F",
    "--quiet=no",
    "--no-cache",
    "--no-cache=false",
    "--no-cache=T",
    "--pull",
  ],
  ...[
    "--pull=maybe",
    "-f",
    "-fD",
    "-f=D",
    "--file=E",
    "--file",
    "--target",
    "--target=s",
    "--target=",
    "--",
    "--nothing",
  ],
  ...["-z", "-qz", "---x", "--=y", "--q", "-q-", "--no-cache=", "--label=a=b=c"],
);
const words = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: flags },
      { weight: 1, arbitrary: fc.constantFrom("a", "x=y", "D", "-") },
    ),
    {
      maxLength: 6,
    },
  )
  // A word that is not a flag would be a missing context.
  .chain((some) => fc.nat(some.length).map((at) => [...some.slice(0, at), "-", ...some.slice(at)]));

test("any command line is parsed as docker parses it", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(words, async (line) => {
      const docker = await byDocker(line);
      if (typeof docker === "string" && JUDGED.test(docker)) return;
      const varve = byVarve(line);
      compared++;
      if (typeof docker === "string" && /requires exactly 1 argument/.test(docker))
        expect(varve).toBe("arguments");
      else if (typeof docker === "string" && /use stdin for both/.test(docker))
        expect(varve).toMatch(/stdin cannot be both/);
      else if (typeof docker === "string" && /unable to prepare context/.test(docker))
        expect(typeof varve).toBe("object");
      else expect(varve).toEqual(docker);
    }),
    { numRuns: 250 },
  );
  expect(compared).toBeGreaterThan(100);
});

test.each<[string, object, without?: string[]]>([
  ["bake", bakeFlagTable],
  ["prune", pruneCommand.spec.flags],
  ["imagetools create", imagetoolsCommand.spec.flags, ["append", "dry-run", "file"]],
])("every flag of docker buildx %s is known", async (name, flags, without = []) => {
  const help = execFileSync("docker", ["buildx", ...name.split(" "), "--help"], { encoding: "utf8" });
  const names = [...help.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, flag]) => flag);
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((flag) => !Object.hasOwn(flags, flag as string))).toEqual(without);
});

test("every flag of docker buildx build is known, and tested", async () => {
  const docker = spawn("docker", ["buildx", "build", "--help"]);
  docker.on("error", () => {
    throw missing("docker");
  });
  let help = "";
  docker.stdout.setEncoding("utf8").on("data", (text: string) => {
    help += text;
  });
  await once(docker, "close");
  const names = [...help.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name);
  expect(names).toContain("attest");
  expect(buildxFlags).toEqual(expect.arrayContaining(names));
});
