import { describe, expect, test } from "vitest";
import { member } from "../tar/archive.ts";
import { FakeRunner, getBlob } from "./fake-runner.ts";
import { build, builtBy, eventsOf, postBuild } from "./server.ts";

const run = (command: string) => ({ Dockerfile: `FROM scratch\nCOPY a /a\nRUN ${command}\n`, a: command });
const written = [member({ path: "f" }, "hi\n")];

describe("a RUN", () => {
  test("is carried out by a runner", async () => {
    await using runner = await FakeRunner.dial();
    const building = postBuild(run("echo hi > /f"), { t: "main" });
    const job = await runner.job();
    expect(job).toMatchObject({
      platform: "linux/amd64",
      args: ["/bin/sh", "-c", "echo hi > /f"],
      workdir: "/",
      user: "",
      mounts: [],
    });
    expect(job.layers).toHaveLength(1);
    const layer = await getBlob(job, job.layers[0]?.digest ?? "");
    expect((await layer.arrayBuffer()).byteLength).toBe(job.layers[0]?.size);
    runner.log(job, "one\ntw");
    runner.log(job, "o\n");
    await runner.finish(job, written);
    const built = await builtBy(await building);
    expect(built.manifest.layers).toHaveLength(2);
    const logs = (await eventsOf(built.id)).filter(({ type }) => type === "step.log");
    expect(logs).toMatchObject([{ text: "one\n", stream: "stdout" }, { text: "two\n" }]);
    // And is known then.
    expect(await build(run("echo hi > /f"), { t: "main" })).toEqual(built);
  });
});
