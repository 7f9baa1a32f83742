import { expect, test } from "vitest";
import { runError } from "../../../src/engine/run/run-error.ts";

test("the runner's reason replaces the default hint", () => {
  const args = ["/bin/sh", "-c", "apt-get update"];
  const hint = "The runner's machine has no pasta";
  const exit = runError(args, { reason: "exit", exitCode: 100, message: "exit code: 100", hint }, ["E: no"]);
  expect(exit.message).toBe(
    'process "/bin/sh -c apt-get update" did not complete successfully: exit code: 100',
  );
  expect(exit.hint).toBe(hint);
  expect(exit.log).toEqual(["E: no"]);
  expect(runError(args, { reason: "out-of-memory", message: "", hint }, []).hint).toBe(hint);
  expect(runError(args, { reason: "out-of-memory", message: "" }, []).hint).toMatch(/memory/);
  expect(runError(args, { reason: "exit", exitCode: 1, message: "" }, []).hint).toBeUndefined();
});
