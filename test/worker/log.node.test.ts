import { afterEach, expect, test, vi } from "vitest";
import { problemOf } from "../../src/worker/http/problem.ts";
import { log, logFault, logSubject } from "../../src/worker/operation/log.ts";

afterEach(() => void vi.restoreAllMocks());

/** The lines that are logged, as values. */
function logged(level: "info" | "error"): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  return lines;
}

test("a line names its request or build, and contains no password", () => {
  const lines = logged("info");
  logSubject.run({ request: "r1" }, () => log("info", "fetch", { url: "https://user:secret@example.com/x" }));
  logSubject.run({ build: "b1" }, () => log("info", "fetch"));
  expect(lines).toMatchObject([
    { level: "info", event: "fetch", request: "r1" },
    { event: "fetch", build: "b1" },
  ]);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("an unexpected error is logged with its stack and causes", () => {
  const lines = logged("error");
  const cause = new TypeError("the socket closed");
  logFault(new Error("Cannot read a pack", { cause }));
  expect(lines).toMatchObject([
    {
      event: "fault",
      error: {
        message: "Cannot read a pack",
        stack: expect.stringContaining("log.node.test"),
        cause: { name: "TypeError", message: "the socket closed" },
      },
    },
  ]);
});

test("the problem of an unexpected error contains the id of its log lines", () => {
  const lines = logged("error");
  const problem = logSubject.run({ request: "r2" }, () => problemOf(new Error("secret of the server")));
  expect(problem).toMatchObject({
    status: 500,
    code: "internal",
    hint: expect.stringContaining("request r2"),
  });
  expect(JSON.stringify(problem)).not.toContain("secret of the server");
  expect(lines).toMatchObject([{ request: "r2", error: { message: "secret of the server" } }]);
});

test("a call of an object that was replaced is a temporary problem, and logged", () => {
  const lines = logged("error");
  const error = Object.assign(new Error("the object was replaced"), { durableObjectReset: true });
  expect(problemOf(error)).toMatchObject({ status: 503, code: "part-restarted", hint: expect.any(String) });
  expect(lines).toMatchObject([{ event: "fault", error: { message: "the object was replaced" } }]);
});
