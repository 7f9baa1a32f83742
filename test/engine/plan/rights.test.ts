import { describe, expect, it } from "vitest";
import { planOf } from "./plan-of.ts";

describe("rights of RUN", () => {
  it.each([
    ["--network=host", "network.host"],
    ["--security=insecure", "security.insecure"],
  ] as const)("%s is refused, unless the client allows it", async (flag, right) => {
    const text = `FROM scratch\nRUN ${flag} ["x"]`;
    await expect(planOf(text)).rejects.toThrow(`failed to load LLB: ${right} is not allowed`);
    const { steps } = await planOf(text, { allow: [right] });
    const [, value] = flag.split("=");
    expect(Object.values(steps[0]?.definition ?? {})).toContain(value);
  });

  it("are not required by RUN without such flags", async () => {
    const { steps } = await planOf('FROM scratch\nRUN --network=none --security=sandbox ["x"]');
    expect(steps[0]?.definition).toMatchObject({ network: "none", security: "sandbox" });
  });
});
