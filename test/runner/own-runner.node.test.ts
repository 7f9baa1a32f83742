import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildEvent } from "../../schemas/events.ts";
import { Service } from "../../src/client/service.ts";
import { OwnRunner, type RunnerPlace } from "../../src/machine/own-runner.ts";
import { parseSecretFlag, parseSshFlag } from "../../src/machine/secret-flags.ts";
import { startRunner } from "../../src/runner/runner.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { busyboxContext } from "../helpers/busybox-context.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { patient, unable } from "./workbench.ts";

const folder = suiteFolder();
const own = join(folder, "runner");
let server: LocalServer;

interface Asked {
  lines: string[];
  place?: RunnerPlace;
  secrets?: string[];
  ssh?: string[];
  environment?: Record<string, string>;
  data?: string;
  /** Stores what later builds need, as the command does when it ends. */
  ends?: boolean;
}

/** Builds like `varve build` and returns all events. */
async function build({
  lines,
  place = "auto",
  secrets = [],
  ssh = [],
  environment = {},
  data = own,
  ends = false,
}: Asked) {
  const runner = new OwnRunner({
    server: server.url,
    place,
    secrets: secrets.map(parseSecretFlag),
    ssh: ssh.map(parseSshFlag),
    environment,
    data,
  });
  const service = new Service(server.url);
  service.companion = await runner.companion();
  const { events } = runner.attend(
    await service.build({ context: busyboxContext(lines), options: { tags: ["own"] } }),
  );
  const all: BuildEvent[] = [];
  for await (const event of events) all.push(event);
  if (ends) await runner.finish();
  return all;
}

const logOf = (events: BuildEvent[]) =>
  events.flatMap((event) => (event.type === "step.log" ? event.text : [])).join("");

describe.skipIf(unable)("a runner beside the client", patient, () => {
  beforeAll(async () => {
    const assets = join(folder, "assets");
    await mkdir(assets);
    // Only runners of builds may connect.
    const variables = { VARVE_RUNNER_TOKEN: "of-the-operator", VARVE_RUNNER_WAIT: "5" };
    server = await startLocalServer({ port: 0, data: join(folder, "server"), assets, variables });
  });
  afterAll(async () => {
    await server.close();
  });

  it("is not started for a build without RUN", async () => {
    const events = await build({ lines: ["LABEL a=b"] });
    expect(events.at(-1)?.type).toBe("result");
    await expect(readdir(own)).rejects.toThrow("ENOENT");
  });

  it("executes the steps of its build", async () => {
    const events = await build({ lines: ["RUN echo here $((6 * 7))"] });
    expect(events.at(-1)?.type).toBe("result");
    expect(logOf(events)).toBe("here 42\n");
    expect((await readdir(own)).sort()).toEqual(["0", "layers"]);
  });

  it("finds its results again on a lasting machine, and uploads them from a CI machine", async () => {
    const first = "RUN echo once; sleep 1; mkdir /d; cat /proc/uptime > /d/up";
    const lines = (last: string) => [first, last, "FROM scratch", "COPY --from=0 /d/last /"];
    const executed = async (last: string, given: Pick<Asked, "environment" | "data">) => {
      const events = await build({
        lines: lines(`RUN echo ${last} > /d/last`),
        place: "local",
        ends: true,
        ...given,
      });
      expect(events.at(-1)?.type).toBe("result");
      return logOf(events);
    };
    const [kept, ofJob] = [join(folder, "lasting"), join(folder, "job")];
    expect(await executed("1", { data: kept })).toBe("once\n");
    expect(await executed("2", { data: kept })).toBe("");
    // Nothing was uploaded.
    expect(await executed("3", { data: ofJob, environment: { CI: "true" } })).toBe("once\n");
    await rm(ofJob, { recursive: true });
    expect(await executed("4", { data: ofJob, environment: { CI: "true" } })).toBe("");
  });

  it("works at the same time as another one on the same machine", async () => {
    const both = await Promise.all([
      build({ lines: ["RUN sleep 1; echo one"], place: "local" }),
      build({ lines: ["RUN sleep 1; echo two"], place: "local" }),
    ]);
    expect(both.map(logOf)).toEqual(["one\n", "two\n"]);
  });

  it("does not start while runners of the server are only busy", async () => {
    const data = join(folder, "spare");
    const pool = await startRunner({
      server: server.url,
      token: "of-the-operator",
      data: join(folder, "busy"),
      capacity: 1,
      print: () => {},
    });
    const builds = await Promise.all(
      ["one", "two"].map((name) => build({ lines: [`RUN sleep 2; echo ${name}`], data })),
    );
    await pool.close();
    expect(builds.map(logOf)).toEqual(["one\n", "two\n"]);
    const waited = builds.flat().filter(({ type }) => type === "step.waiting");
    expect(waited).toMatchObject([{ reason: "busy" }]);
    await expect(readdir(data)).rejects.toThrow("ENOENT");
  });

  it("is not used with --runner pool", async () => {
    const last = (await build({ lines: ["RUN echo pool"], place: "pool" })).at(-1);
    expect(last).toMatchObject({ type: "error", problem: { code: "runner-missing" } });
  });

  it("reads secrets of files and variables, which the server never sees", async () => {
    const file = join(folder, "secret-file");
    await writeFile(file, "of a file");
    const mounts = "--mount=type=secret,id=f --mount=type=secret,id=v,env=V --mount=type=secret,id=absent";
    const events = await build({
      lines: [`RUN ${mounts} read f < /run/secrets/f; [ "$f" = "of a file" ] && [ "$V" = var ] && echo both`],
      secrets: [`id=f,src=${file}`, "id=v"],
      environment: { v: "var" },
    });
    expect(events.at(-1)).toMatchObject({ type: "result" });
    expect(logOf(events)).toBe("both\n");
  });

  it("forwards an ssh agent to steps that mount it", async () => {
    const key = join(folder, "key");
    await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "the key", "-f", key]);
    const events = await build({
      lines: ["RUN --mount=type=ssh [ -S $SSH_AUTH_SOCK ] && stat -c %a:%F $SSH_AUTH_SOCK"],
      ssh: [`default=${key}`],
    });
    expect(events.at(-1)).toMatchObject({ type: "result" });
    expect(logOf(events)).toBe("600:socket\n");
    const other = await build({
      lines: [
        "RUN --mount=type=ssh,id=a,target=/s,uid=1000,gid=7,mode=0640 stat -c %u:%g:%a /s; echo $SSH_AUTH_SOCK",
      ],
      ssh: [`a=${key}`],
    });
    expect(logOf(other)).toBe("1000:7:640\n/s\n");
  });

  it("leaves out a missing agent, unless a step requires it", async () => {
    const without = await build({ lines: ["RUN --mount=type=ssh [ ! -e $SSH_AUTH_SOCK ] && echo none"] });
    expect(logOf(without)).toBe("none\n");
    const required = await build({ lines: ["RUN --mount=type=ssh,id=a,required true"] });
    expect(required.at(-1)).toMatchObject({
      type: "error",
      problem: { code: "ssh-missing", title: "unset ssh forward key a", errors: [{ line: 3 }] },
    });
  });

  it("reports missing secrets before the build", async () => {
    await expect(build({ lines: [], secrets: ["id=x,src=/not/there"] })).rejects.toThrow("failed to stat");
    await expect(build({ lines: [], ssh: ["default"] })).rejects.toThrow("make sure SSH_AUTH_SOCK is set");
  });

  describe("on a machine that cannot execute steps", () => {
    /** Overlayfs cannot be stacked on itself. */
    const overlay = join(folder, "overlay");
    beforeAll(async () => {
      for (const name of ["lower", "upper", "work"]) await mkdir(join(folder, name));
      await mkdir(overlay);
      const options = ["lower", "upper", "work"].map((name) => `${name}dir=${join(folder, name)}`);
      await promisify(execFile)("mount", ["-t", "overlay", "overlay", "-o", options.join(","), overlay]);
    });
    afterAll(() => promisify(execFile)("umount", [overlay]));

    it("leaves steps to other runners", async () => {
      const building = build({ lines: ["RUN echo others"], data: overlay });
      await expect.poll(() => readdir(overlay), { timeout: 10_000 }).not.toEqual([]);
      const token = "of-the-operator";
      const pool = await startRunner({
        server: server.url,
        token,
        data: join(folder, "pool"),
        capacity: 1,
        print: () => {},
      });
      expect(logOf(await building)).toBe("others\n");
      expect(await readdir(join(folder, "pool"))).toContain("layers");
      await pool.close();
    });

    it("fails when no other runner may execute them", async () => {
      const building = build({ lines: ["RUN echo only"], place: "local", data: overlay });
      await expect(building).rejects.toThrow("This machine cannot execute the steps of the build: Overlay");
    });
  });

  it("leaves nothing running", async () => {
    await mkdir(join(own, "0/jobs"), { recursive: true });
    expect(await readdir(join(own, "0/jobs"))).toEqual([]);
  });
});
