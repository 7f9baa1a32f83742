import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { patient, unable, Workbench } from "./workbench.ts";

const runtimes = (["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name));

describe.skipIf(unable)("rights beyond those of a step", patient, () => {
  it("are rejected with BuildKit's message unless the operator allows them", async () => {
    const bench = await Workbench.start({ network: "none" });
    const insecure = await bench.run("true", { security: "insecure" });
    expect(insecure.failure).toEqual({ reason: "refused", message: "security.insecure is not allowed" });
    const host = await bench.run("true", { network: "host" });
    expect(host.failure).toEqual({ reason: "refused", message: "network.host is not allowed" });
    const [hello] = bench.server.messages;
    expect(hello).toMatchObject({ type: "hello", allow: [] });
    await bench.close();
  });

  describe.each(runtimes)("with %s, where they are allowed", (runtime) => {
    let bench: Workbench;
    beforeAll(async () => {
      bench = await Workbench.start({ runtime, allow: ["security.insecure"] });
    });
    afterAll(() => bench.close());

    it("allow a step to mount and write to kernel files", async () => {
      const script =
        "mount -t tmpfs tmpfs /tmp && echo mounted; (echo x > /proc/sys/kernel/domainname) 2>/dev/null && echo writable; grep CapEff /proc/self/status";
      const { log } = await bench.succeed(script, { security: "insecure" });
      const [, own] = /^CapBnd:\s(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
      expect(log).toBe(`mounted\nwritable\nCapEff:\t${own}\n`);
      const { log: other } = await bench.run(script);
      expect(other).not.toContain("mounted");
      expect(other).not.toContain("writable");
    });

    it("are reported to the server", () => {
      expect(bench.server.messages[0]).toMatchObject({ allow: ["security.insecure"] });
    });
  });
});
