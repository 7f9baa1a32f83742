import { expect, it } from "vitest";
import type { AllowedPort } from "../../src/runner/network/allowed-port.ts";
import { startRunner } from "../../src/runner/runner.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { patient, unable } from "./workbench.ts";

it.skipIf(unable)("a runner whose networks cannot be made releases its folder", patient, async () => {
  using folder = temporaryFolder();
  const start = () =>
    startRunner({
      server: "http://127.0.0.1:9",
      token: "token",
      capacity: 1,
      data: folder.path,
      networkAllow: [undefined as unknown as AllowedPort],
    });
  for (let tries = 0; tries < 2; tries++) await expect(start()).rejects.toThrow(TypeError);
});
