import { afterAll, beforeAll, expect, test } from "vitest";
import type { Problem } from "../../schemas/problem.ts";
import { smokeTest } from "../../src/cli/deploy/smoke-test.ts";
import { ADMIN_TOKEN, type Lab, startLab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Lines of the log about a request. */
function linesOf(request: string | null | undefined): Record<string, unknown>[] {
  return lab.logged
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.request === request);
}

test("the smoke test of a deploy passes, and names failures", async () => {
  const lines: string[] = [];
  await smokeTest(lab.url, { token: ADMIN_TOKEN, report: (line) => lines.push(line) });
  expect(lines.at(-1)).toBe("it serves the image: 3 objects match their digests");
  const failing = smokeTest(lab.url, { token: "not-the-admin-of-the-lab", report: () => {} });
  await expect(failing).rejects.toThrow(/Cannot build an image: .* answered 401/);
});

test("each request has one line, without its query, and its ID is in the answer and the problem", async () => {
  const answer = await lab.fetch("/v1/builds?t=app&buildargs=%7B%22KEY%22%3A%22password%22%7D", {
    method: "POST",
  });
  const problem = (await answer.json()) as Problem;
  expect(problem.request).toBe(answer.headers.get("x-request-id"));
  await expect
    .poll(() => linesOf(problem.request))
    .toMatchObject([{ event: "request", method: "POST", path: "/v1/builds", status: 400, caller: "admin" }]);
  expect(lab.logged.join("\n")).not.toContain("password");
  const pulled = await lab.fetch("/v2/none/manifests/1");
  await pulled.text();
  const id = pulled.headers.get("x-request-id");
  await expect.poll(() => linesOf(id)).toMatchObject([{ path: "/v2/none/manifests/1", status: 404 }]);
});

test("prunes whose object is evicted are finished, and each request gets its report", async () => {
  const statuses = new Set<number>();
  for (let round = 0; round < 2; round++) {
    const prunes = Array.from({ length: 3 }, async () => {
      const answer = await lab.fetch("/v1/prune", { method: "POST" });
      statuses.add(answer.status);
      expect(await answer.json()).toMatchObject({ state: answer.status === 200 ? "done" : "running" });
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await lab.evict("collector", "COLLECTOR");
    await Promise.all(prunes);
  }
  expect([...statuses].filter((status) => status !== 200 && status !== 202)).toEqual([]);
});
