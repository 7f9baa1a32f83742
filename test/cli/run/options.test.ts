import { describe, expect, it } from "vitest";
import { runFlagTable } from "../../../src/cli/container/flag-table.ts";
import { checkRunFlags, containerOf, stopRule } from "../../../src/cli/container/options.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";
import type { ContainerConfig } from "../../../src/oci/config.ts";

function read(line: string) {
  return parseFlags(runFlagTable, line.split(" ").filter(Boolean), { stopsAtArgument: true });
}

function asked(line: string, config: ContainerConfig = {}, own: Record<string, string> = {}) {
  const { values, args } = read(`${line} image`);
  return containerOf(values, args.slice(1), { Cmd: ["cmd"], ...config }, own);
}

describe("a container", () => {
  it("has the settings of the image", () => {
    const config = {
      Entrypoint: ["e"],
      Cmd: ["c"],
      User: "u:g",
      WorkingDir: "w",
      Volumes: { "/v": {} },
      Env: ["A=1"],
    };
    expect(asked("", config)).toMatchObject({
      args: ["e", "c"],
      user: "u:g",
      workdir: "/w",
      env: [["A", "1"]],
      mounts: [{ type: "volume", target: "/v", copy: true }],
      network: "host",
      stdin: false,
      terminal: false,
    });
  });

  it.each([
    ["image a b", ["e", "a", "b"]],
    ["--entrypoint x image", ["x"]],
    ["--entrypoint x image -a --entrypoint y", ["x", "-a", "--entrypoint", "y"]],
    ["--entrypoint= image a", ["a"]],
  ])("runs the command of the command line: %s", (line, args) => {
    const { values, args: words } = read(line);
    expect(containerOf(values, words.slice(1), { Entrypoint: ["e"], Cmd: ["c"] }, {}).args).toEqual(args);
  });

  it("reads variables from the environment and removes variables", () => {
    const { env } = asked("-e B -e C -e A=2", { Env: ["A=1", "B=1", "C=1"] }, { B: "own" });
    expect(env).toEqual([
      ["A", "2"],
      ["B", "own"],
    ]);
  });

  it("has the requested limits and capabilities", () => {
    expect(asked("-m 1.5g --cpus 0.5 --pids-limit 7").limits).toEqual({
      memory: 1.5 * 2 ** 30,
      swap: 1.5 * 2 ** 30,
      cpus: 0.5,
      pids: 7,
    });
    expect(asked("--pids-limit -1").limits).toEqual({});
    expect(asked("--cap-drop all --cap-add NET_RAW --cap-add CAP_CHOWN").capabilities).toEqual([
      "CAP_CHOWN",
      "CAP_NET_RAW",
    ]);
  });

  it.each([
    ["-d", "--detach is not supported by varve run"],
    ["--network bridge", "network bridge not found"],
    ["-m 1k", "Minimum memory limit allowed is 6MB"],
    ["--cpus no", "number of processors"],
    ["--cap-add SYS_ADMIN", "unsupported capability"],
    ["--stop-signal HUH", "invalid signal: HUH"],
    ["-w here", "needs to be an absolute path"],
    ["-v /a --mount dst=/a", "Duplicate mount point: /a"],
    ["--add-host a", "bad format for add-host"],
    ["--name .", "Invalid container name"],
  ])("is rejected with %s", (line, message) => {
    expect(() => {
      checkRunFlags(read(`${line} image`).values);
      asked(line);
    }).toThrow(message);
  });

  it.each([
    ["", {}, { signal: "SIGTERM", milliseconds: 10_000 }],
    ["", { StopSignal: "quit" }, { signal: "SIGQUIT", milliseconds: 10_000 }],
    ["--stop-signal 10 --stop-timeout 2", { StopSignal: "INT" }, { signal: "SIGUSR1", milliseconds: 2000 }],
    ["--stop-timeout -1", {}, { signal: "SIGTERM", milliseconds: Number.POSITIVE_INFINITY }],
  ])("is stopped with the signal of the flags or the image: %s %j", (line, config, rule) => {
    expect(stopRule(read(`${line} image`).values, config)).toEqual(rule);
  });
});
