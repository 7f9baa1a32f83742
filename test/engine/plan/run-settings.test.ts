import { describe, expect, it } from "vitest";
import { readOptions } from "../../../schemas/options.ts";
import type { PlanOptions } from "../../../src/engine/plan/options.ts";
import { planOptions } from "../../../src/engine/plan-build.ts";
import { planOf } from "./plan-of.ts";

/** The definitions of the RUN steps of a Dockerfile, as a request with this query plans them. */
async function stepsOf(query: string, ...lines: string[]) {
  const inputs = { options: readOptions(new URLSearchParams(query)), ignore: [] };
  const { allow, run } = planOptions(inputs as unknown as Parameters<typeof planOptions>[0]);
  const { steps } = await planOf(["FROM scratch", ...lines].join("\n"), { allow, run } as PlanOptions);
  return steps.map(({ definition }) => definition);
}

describe("settings for all RUN steps of a build", () => {
  it("set the network of steps without one", async () => {
    const lines = ['RUN ["a"]', 'RUN --network=default ["b"]', 'RUN --network=none ["c"]'];
    const networks = async (query: string) =>
      (await stepsOf(query, ...lines)).map((step) => "network" in step && step.network);
    expect(await networks("")).toEqual(["default", "default", "none"]);
    expect(await networks("networkmode=none")).toEqual(["none", "none", "none"]);
    expect(await networks("networkmode=host")).toEqual(["host", "host", "none"]);
  });

  it("allow network.host only on request", async () => {
    expect(await stepsOf("networkmode=host", 'RUN --network=host ["a"]')).toMatchObject([
      { network: "host" },
    ]);
    await expect(stepsOf("networkmode=none", 'RUN --network=host ["a"]')).rejects.toThrow(
      "failed to load LLB: network.host is not allowed",
    );
  });

  it("add hosts in order, in lower case", async () => {
    const [step] = await stepsOf(
      "extrahosts=Foo.Bar:1.2.3.4&extrahosts=v6=[2001:DB8::1]&extrahosts=a=1.1.1.1,2.2.2.2&extrahosts=v6b:2001:db8::2&extrahosts=gw:host-gateway",
      'RUN ["a"]',
    );
    expect(step).toMatchObject({
      hosts: [
        { name: "foo.bar", address: "1.2.3.4" },
        { name: "v6", address: "2001:db8::1" },
        { name: "a", address: "1.1.1.1" },
        { name: "a", address: "2.2.2.2" },
        { name: "v6b", address: "2001:db8::2" },
        { name: "gw", address: "host-gateway" },
      ],
    });
  });

  it("mount a larger /dev/shm, replacing one of the instruction", async () => {
    const [step] = await stepsOf(
      "shmsize=1000000",
      'RUN --mount=type=tmpfs,target=/dev/shm,size=5 --mount=type=tmpfs,target=/a ["a"]',
    );
    expect(step).toMatchObject({
      mounts: [
        { type: "tmpfs", target: "/a", readonly: false },
        { type: "tmpfs", target: "/dev/shm", readonly: false, size: 1_000_000 },
      ],
    });
  });

  it.each([
    ["extrahosts=x", "invalid host x"],
    ["extrahosts=x:y", "invalid host x:y"],
    ["extrahosts=x:1.2.3.456", "invalid host x:1.2.3.456"],
    ["extrahosts=x:1.2.3.4.", "invalid host x:1.2.3.4."],
    ["extrahosts=:1.2.3.4", "invalid host :1.2.3.4"],
    ["extrahosts=a b:1.2.3.4", "invalid host a b:1.2.3.4"],
    ['ulimits=[{"Name":"foo","Soft":1,"Hard":1}]', "name"],
    [
      'ulimits=[{"Name":"nofile","Soft":5,"Hard":3}]',
      "ulimit soft limit must be less than or equal to hard limit: 5 > 3",
    ],
    [
      'ulimits=[{"Name":"nofile","Soft":-1,"Hard":5}]',
      "ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 5",
    ],
    ["networkmode=bridge", "networkmode"],
    ["shmsize=x", "shmsize"],
    ["shmsize=-1", "shmsize"],
  ])("is rejected: %s", (query, message) => {
    expect(() => readOptions(new URLSearchParams(query))).toThrow(message);
  });
});
