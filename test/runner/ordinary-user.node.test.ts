import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobLayer, JobMount } from "../../schemas/runner.ts";
import { startRunner } from "../../src/runner/runner.ts";
import { findRuntime } from "../../src/runner/sandbox/runtime.ts";
import { type LocalServer, startLocalServer } from "../../src/serve/local-server.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { type OrdinaryUser, ordinaryUser } from "./ordinary-user.ts";
import { archive, busyboxItems, type Item, patient, type Result, unable, Workbench } from "./workbench.ts";

const capability = Buffer.from("0100000200040000000000000000000000000000", "hex").toString("base64");

/** Files of other users, and files that only the machine's root can make. */
const lower: Item[] = [
  { path: "d", type: "dir", uid: 1000, gid: 100, mode: 0o2770 },
  { path: "d/low", content: "low\n", uid: 33, gid: 33 },
  { path: "d/gone" },
  { path: "o", type: "dir" },
  { path: "o/below", content: "below\n" },
  { path: "tool", mode: 0o4755, content: "x", xattrs: { "security.capability": capability } },
  { path: "last", uid: 65_535, gid: 65_535 },
  { path: "null", type: "char", device: { major: 1, minor: 3 } },
  { path: "null-too", type: "hardlink", linkname: "null" },
  { path: "pipe", type: "fifo" },
];
const upper: Item[] = [
  { path: "d/.wh.gone" },
  { path: "o", type: "dir", mode: 0o700 },
  { path: "o/.wh..wh..opq" },
  { path: "o/above", content: "above\n" },
];
const script = `
  set -e
  ls -lnR /d /o | grep -v total; stat -c '%a %u %g' /tool /last
  echo new > /d/new; chown 1000:100 /d/new; chmod 6750 /d/new; chown 5:6 /d/low; ln /d/new /d/linked
  rm -r /o; mkdir /o; chmod 1777 /o; touch /o/fresh; rm /tmp/nothing 2>/dev/null || true; rmdir /tmp
  touch /tool; mv /tool /moved; mkfifo /p; ln -s nowhere /l; truncate -s 100000 /holes
  mkdir /renamed; mv /d /renamed/d`;

/** Removes overlayfs's attributes from a diff, except those of opaque directories. */
function comparable(diff: Result["diff"]): unknown[] {
  return [...diff.values()]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ mtime: _, xattrs = {}, ...entry }) => {
      const isOpaque = ["trusted", "user"].some((prefix) => `${prefix}.overlay.opaque` in xattrs);
      return { ...entry, isOpaque, capability: xattrs["security.capability"] };
    });
}

describe.skipIf(unable)("a runner of an ordinary user", patient, () => {
  let user: OrdinaryUser;
  let root: Workbench;
  beforeAll(async () => {
    user = await ordinaryUser("varve-many", { ids: true });
    root = await Workbench.start();
  });
  afterAll(async () => {
    await root.close();
    execFileSync("rm", ["-rf", user.folder]);
  });

  describe.each((["crun", "runc", "unshare"] as const).filter((name) => findRuntime(name)))(
    "with %s",
    (runtime) => {
      let bench: Workbench;
      beforeAll(async () => {
        bench = await Workbench.startAs(user, { runtime });
      });
      afterAll(() => bench.close());
      const layersOf = (on: Workbench): JobLayer[] => [on.base, on.layer(...lower), on.layer(...upper)];

      it("returns the same results as root's runner", async () => {
        const [theirs, ours] = await Promise.all(
          [root, bench].map((on) => on.succeed(script, { layers: layersOf(on) })),
        );
        expect(ours?.log).toBe(theirs?.log);
        expect(comparable(ours?.diff ?? new Map())).toEqual(comparable(theirs?.diff ?? new Map()));
      });

      it("runs as other users, in their groups", async () => {
        const { log } = await bench.succeed("id; touch /tmp/x; stat -c %u /tmp/x", {
          user: "alice",
          layers: [bench.base, bench.layer({ path: "tmp", type: "dir", mode: 0o1777 })],
        });
        expect(log).toBe("uid=1000(alice) gid=100(users) groups=10(wheel),26(tape),100(users)\n1000\n");
      });

      it("has caches, secrets and tmpfs", async () => {
        const mounts: JobMount[] = [
          { type: "tmpfs", target: "/t", readonly: false, size: 100_000 },
          {
            type: "secret",
            id: "s",
            target: "/run/s",
            value: btoa("hidden\n"),
            uid: 1000,
            gid: 100,
            mode: 0o440,
          },
        ];
        const { log, diff } = await bench.succeed(
          "stat -c '%u %g %a' /run/s; cat /run/s; touch /t/x; ls /t",
          { mounts },
        );
        expect(log).toBe("1000 100 440\nhidden\nx\n");
        expect(diff.size).toBe(0);
      });

      it("cannot access the machine's files", async () => {
        const { log } = await bench.succeed(
          "mknod /disk b 8 0 || echo none; mount -t tmpfs t /tmp || echo refused; touch /sys/fs/cgroup/x || echo closed",
        );
        expect(log.match(/^(none|refused|closed)$/gm)).toEqual(["none", "refused", "closed"]);
      });

      it("stores files of containers under its own ids", async () => {
        const layers = [bench.base, bench.layer(...lower)];
        await bench.succeed("true", { layers });
        const owners = execFileSync("find", [join(user.folder, "runner/layers"), "-printf", "%U\n"], {
          encoding: "utf8",
        });
        const uid = Number(execFileSync("id", ["--user", user.name], { encoding: "utf8" }));
        const first = 1_000_000 + uid * 100_000;
        for (const owner of new Set(owners.trim().split("\n").map(Number)))
          expect(owner === uid || (owner >= first && owner < first + 65_536)).toBe(true);
      });
    },
  );
});

describe.skipIf(unable)("an ordinary user", patient, () => {
  let user: OrdinaryUser;
  let server: LocalServer;
  const data = suiteFolder();
  beforeAll(async () => {
    user = await ordinaryUser("varve-many", { ids: true });
    server = await startLocalServer({ port: 0, data, variables: { VARVE_RUNNER_WAIT: "10" } });
  });
  afterAll(async () => {
    await server.close();
    user[Symbol.dispose]();
  });

  /** Digest of the image that a server and a runner build. */
  async function built(name: string): Promise<string | null> {
    const dockerfile = `FROM scratch
ADD rootfs.tar /
RUN touch /d/low && rm -r /d/gone && mv /tool /moved && chown 1000:100 /last
RUN --mount=type=cache,target=/c mkdir -p /x/y && chown -R 7:8 /x && chmod 2770 /x && touch /c/1
USER alice
RUN touch /tmp/a && id > /tmp/id
`;
    const root = { path: "tmp", type: "dir" as const, mode: 0o1777 };
    const rootfs = archive(
      [...busyboxItems(), ...lower.filter(({ type }) => type !== "char"), root].filter(
        ({ path }) => path !== "null-too",
      ),
    );
    const body = archive([
      { path: "Dockerfile", content: dockerfile },
      { path: "rootfs.tar", content: rootfs },
    ]);
    const answer = await fetch(`${server.url}/v1/builds?t=${name}&timestamps=fixed`, {
      method: "POST",
      body,
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.headers.get("docker-content-digest");
  }

  it("gets the same image as root, and can run it", async () => {
    const options = { server: server.url, token: "", capacity: 1, data: join(user.folder, "runner") };
    const [command = "", ...args] = [...user.command, "test/runner/start-runner.ts", JSON.stringify(options)];
    const runner = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
    const ours = await built("by-user");
    runner.kill("SIGTERM");
    await once(runner, "exit");
    const root = await startRunner({ ...options, data: join(data, "runner") });
    expect(await built("by-root")).toBe(ours);
    await root.close();

    const [program = "", ...words] = user.command;
    const run = "run --server SERVER -v kept:/tmp by-user sh -c".replace("SERVER", server.url).split(" ");
    const { stdout, status } = spawnSync(
      program,
      [...words, "src/cli/varve.ts", ...run, "id -u; stat -c %u /last; touch /tmp/kept; exit 4"],
      { encoding: "utf8" },
    );
    expect([stdout, status]).toEqual(["1000\n1000\n", 4]);
  });
});

describe.skipIf(unable)("a runner of a user without further ids", patient, () => {
  let user: OrdinaryUser;
  let bench: Workbench;
  beforeAll(async () => {
    user = await ordinaryUser("varve-one", { ids: false });
    bench = await Workbench.startAs(user);
  });
  afterAll(async () => {
    await bench.close();
    user[Symbol.dispose]();
  });

  it("executes steps that need no other id", async () => {
    const { diff, log } = await bench.succeed("id -u; echo 1 > /f; rm -r /tmp; cat /proc/self/uid_map");
    expect(log).toMatch(/^0\n +0 +\d+ +1\n$/);
    expect(diff.get("f")).toMatchObject({ uid: 0, gid: 0, content: "1\n" });
    expect(diff.has(".wh.tmp")).toBe(true);
  });

  it("reports what it needs for layers with files of other users", async () => {
    const { failure } = await bench.run("true", {
      layers: [bench.base, bench.layer({ path: "f", uid: 1000 })],
    });
    expect(failure).toMatchObject({ reason: "refused" });
    expect(failure?.message).toContain('"f" belongs to 1000:0');
    expect(failure?.message).toContain("/etc/subuid");
  });

  it("reports what it needs to run as other users", async () => {
    const { failure } = await bench.run("true", { user: "alice" });
    expect(failure).toMatchObject({ reason: "refused" });
    expect(failure?.message).toContain("/etc/subuid");
  });
});
