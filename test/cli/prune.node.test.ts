import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { serveLoopback } from "../helpers/loopback.ts";
import { varve } from "./server.ts";

/** The body of the request that a command line sends. */
async function sent(...args: string[]): Promise<unknown> {
  let body = "";
  await using server = await serveLoopback(async (request, response) => {
    body = await text(request);
    const total = { objects: 0, bytes: 0 };
    response.end(
      JSON.stringify({ id: "1", dryRun: false, state: "done", tags: [], manifests: [], removed: {}, total }),
    );
  });
  const { status, stderr } = await varve(["prune", "--force", ...args], {
    env: { VARVE_SERVER: server.origin },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(body);
}

test("a filter of docker builder prune selects build cache, and never tags", async () => {
  expect(await sent("--filter", "until=24h")).toEqual({ dryRun: false, unused: "24h" });
});

test("tags are deleted only with --keep or --until", async () => {
  expect(await sent("--unused=1d", "team/app")).toEqual({
    dryRun: false,
    unused: "1d",
    repositories: ["team/app"],
  });
  expect(await sent("--keep=3", "--until=30d")).toEqual({ dryRun: false, until: "30d", keep: 3 });
});
