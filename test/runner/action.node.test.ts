import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { Step } from "../action/step.ts";
import { busyboxRootfs } from "../helpers/busybox-context.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { unable } from "./workbench.ts";

const folder = suiteFolder();
let server: LocalServer;

function onBusybox(...lines: string[]) {
  return temporaryFolder({
    Dockerfile: ["FROM scratch", "ADD rootfs.tar /", ...lines, ""].join("\n"),
    "rootfs.tar": busyboxRootfs,
  });
}

describe.skipIf(unable)("RUN of the Action, on the machine of the job", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    // No other runner executes steps.
    server = await startLocalServer({
      port: 0,
      data: join(folder, "data"),
      variables: { VARVE_RUNNER_WAIT: "5" },
    });
  });
  afterAll(async () => {
    await server?.close();
  });

  test("has secrets, which are masked, and its output cannot contain commands for GitHub", async () => {
    using files = onBusybox(
      "RUN --mount=type=secret,id=a --mount=type=secret,id=b,env=B \\",
      '  echo "::error::a=$(cat /run/secrets/a)"; echo; echo "::set-output name=digest::$B"; echo "$B" | wc -c > /f',
    );
    const inputs = {
      server: server.url,
      tags: "run/app",
      secrets: "a=hush hush",
      "secret-envs": "b=FROM_ENV",
    };
    const step = new Step(inputs, { workspace: files.path, env: { FROM_ENV: "whisper" } });
    const { status, log, commands, outputs } = await step.main();
    expect(status, log).toBe(0);
    expect(log).toContain("::error::a=hush hush");
    expect(commands.map(({ name, message }) => `${name} ${message}`)).toEqual(["add-mask hush hush"]);
    expect(outputs.digest).toMatch(/^sha256:/);
  });

  test("that fails is reported with its line and its last output", async () => {
    using files = onBusybox("RUN echo the reason >&2; exit 3");
    const step = new Step({ server: server.url, tags: "run/fails" }, { workspace: files.path });
    const { status, commands, summary } = await step.main();
    expect(status).toBe(1);
    const [error] = commands.filter(({ name }) => name === "error");
    expect(error?.properties).toMatchObject({ file: "Dockerfile", line: "3" });
    expect(error?.message).toContain("exit code: 3");
    expect(summary).toContain("exit code: 3");
  });
});
