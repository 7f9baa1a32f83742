import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { patient, unable, Workbench } from "./workbench.ts";

const capability = Buffer.from("0100000200040000000000000000000000000000", "hex").toString("base64");

describe.skipIf(unable)("the layer of a step", patient, () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.start();
  });
  afterAll(() => bench.close());

  it("has removals as whiteouts", async () => {
    const { diff } = await bench.succeed("rm /etc/group; rm -r /tmp");
    expect([...diff.keys()].sort()).toEqual([".wh.tmp", "etc", "etc/.wh.group"]);
  });

  it("has whiteouts for the entries of directories that were removed and created again", async () => {
    const layers = [bench.base, bench.layer({ path: "d", type: "dir" }, { path: "d/old", content: "1" })];
    const { diff } = await bench.succeed("rm -r /d; mkdir /d; touch /d/new", { layers });
    expect([...diff.keys()].sort()).toEqual(["d", "d/.wh.old", "d/new"]);
  });

  it("contains a renamed directory with all its entries", async () => {
    const layers = [bench.base, bench.layer({ path: "d", type: "dir" }, { path: "d/f", content: "kept" })];
    const { diff } = await bench.succeed("mv /d /e", { layers });
    expect(diff.has(".wh.d")).toBe(true);
    expect(diff.get("e/f")).toMatchObject({ content: "kept" });
  });

  it("keeps hard links, links, pipes, devices, modes and owners", async () => {
    const { diff } = await bench.succeed(`
      echo x > /a; ln /a /b; ln -s /nowhere /l; mkfifo /p; mknod /n c 1 3
      echo s > /s; chown 1000:100 /s; chmod 6755 /s; mkdir /t; chmod 1777 /t`);
    const [a, b] = [diff.get("a"), diff.get("b")];
    const linked = a?.type === "hardlink" ? a : b;
    expect([a?.type, b?.type].sort()).toEqual(["file", "hardlink"]);
    expect(["a", "b"]).toContain(linked?.linkname);
    expect(diff.get("l")).toMatchObject({ type: "symlink", linkname: "/nowhere" });
    expect(diff.get("p")).toMatchObject({ type: "fifo" });
    expect(diff.get("n")).toMatchObject({ type: "char", device: { major: 1, minor: 3 } });
    expect(diff.get("s")).toMatchObject({ mode: 0o6755, uid: 1000, gid: 100 });
    expect(diff.get("t")).toMatchObject({ mode: 0o1777 });
  });

  it("keeps capabilities and setuid of a file that the step only touches", async () => {
    const file = { path: "tool", mode: 0o4755, content: "x", xattrs: { "security.capability": capability } };
    const layers = [bench.base, bench.layer(file)];
    const { diff } = await bench.succeed("touch /tool; mv /tool /moved", { layers });
    expect(diff.get("moved")).toMatchObject({ mode: 0o4755, xattrs: { "security.capability": capability } });
  });

  it("keeps names of any bytes, from a layer and to the result", async () => {
    const name = "\udcff-ü-\u0001-'\"\\ \n";
    const long = "n".repeat(255);
    const layers = [bench.base, bench.layer({ path: name, content: "1" }, { path: long, content: "2" })];
    const { diff } = await bench.succeed("mkdir /x; mv /*-* /x; ln /nnn* /x", { layers });
    expect(diff.get(`x/${name}`)?.content).toBe("1");
    expect(diff.get(long)?.content).toBe("2");
    expect(diff.get(`x/${long}`)).toMatchObject({ type: "hardlink", linkname: long });
    expect(diff.has(`.wh.${name}`)).toBe(true);
  });

  it("keeps the holes of files", async () => {
    const { diff } = await bench.succeed("/bin/busybox truncate -s 3000000 /h; echo end >> /h");
    expect(diff.get("h")?.size).toBe(3_000_004);
  });

  it("does not contain mount points, as with BuildKit", async () => {
    const mounts = [{ type: "tmpfs" as const, target: "/mnt/deep/er", readonly: false }];
    const { diff } = await bench.succeed("true", { mounts });
    expect([...diff.keys()]).toEqual(["mnt", "mnt/deep", "mnt/deep/er"].filter((path) => diff.has(path)));
    expect(diff.size).toBe(0);
    const kept = await bench.succeed("touch /mnt/deep/x", { mounts });
    expect([...kept.diff.keys()].sort()).toEqual(["mnt", "mnt/deep", "mnt/deep/x"]);
  });

  it("stays in the tree when the process replaces mount points with links", async () => {
    using outside = temporaryFolder();
    await mkdir(join(outside.path, "deep"));
    const mounts = [{ type: "tmpfs" as const, target: "/mnt/deep", readonly: false }];
    const { diff } = await bench.succeed(`mv /mnt /moved; ln -s ${outside.path} /mnt`, { mounts });
    expect(diff.get("mnt")).toMatchObject({ type: "symlink", linkname: outside.path });
    expect(await readdir(outside.path)).toEqual(["deep"]);
  });
});

describe.skipIf(unable)("the layers below a step", patient, () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.start();
  });
  afterAll(() => bench.close());

  it("apply whiteouts and opaque whiteouts in any order", async () => {
    const lower = bench.layer(
      { path: "d", type: "dir" },
      { path: "d/gone", content: "1" },
      { path: "d/kept", content: "2" },
      { path: "o", type: "dir" },
      { path: "o/below", content: "3" },
      { path: "r", type: "dir" },
      { path: "r/below", content: "4" },
    );
    const upper = bench.layer(
      { path: "d/.wh.gone" },
      { path: "d/.wh.never" },
      { path: "o", type: "dir", mode: 0o700 },
      { path: "o/above", content: "5" },
      { path: "o/.wh..wh..opq" },
      { path: "r", type: "dir" },
      { path: "r/above", content: "6" },
      { path: ".wh.r" },
    );
    const { log } = await bench.succeed("cd /; ls d o r; stat -c %a o", {
      layers: [bench.base, lower, upper],
    });
    expect(log).toBe("d:\nkept\n\no:\nabove\n\nr:\nabove\n700\n");
  });

  it("can be more than the options of one mount have room for", async () => {
    const layers = Array.from({ length: 120 }, (_, i) => bench.layer({ path: `f${i}`, content: `${i}` }));
    const { log } = await bench.succeed("ls / | grep -c ^f; cat /f0 /f119", {
      layers: [bench.base, ...layers],
    });
    expect(log).toBe("120\n0119");
  });

  it("can be absent", async () => {
    const { failure } = await bench.run("true", { layers: [] });
    expect(failure?.reason).toBe("exit");
  });

  it("keep the attributes of directories that a layer needs but does not contain", async () => {
    const lower = bench.layer({ path: "d", type: "dir", mode: 0o1770, uid: 1000, gid: 100 });
    const upper = bench.layer({ path: "d/e/f", content: "1" });
    const { log } = await bench.succeed("stat -c '%a %u %g' /d /d/e", { layers: [bench.base, lower, upper] });
    expect(log).toBe("1770 1000 100\n755 0 0\n");
    const other = bench.layer({ path: "d", type: "dir", mode: 0o700 });
    const again = await bench.succeed("stat -c '%a %u %g' /d /d/e", { layers: [bench.base, other, upper] });
    expect(again.log).toBe("700 0 0\n755 0 0\n");
  });

  it("keep the attributes of the root", async () => {
    const root = bench.layer({ path: "", type: "dir", mode: 0o711, uid: 5, gid: 6 });
    const { log } = await bench.succeed("stat -c '%a %u %g' /", { layers: [bench.base, root] });
    expect(log).toBe("711 5 6\n");
  });

  it.each([
    [
      "a file below a link of the same layer",
      [{ path: "l", type: "symlink", linkname: "/etc" }, { path: "l/x" }],
    ],
    ["a whiteout below a link", [{ path: "l", type: "symlink", linkname: ".." }, { path: "l/.wh.x" }]],
    ["a hard link to nothing", [{ path: "h", type: "hardlink", linkname: "etc/shadow" }]],
    ["a file in the place of a full directory", [{ path: "d/x" }, { path: "d" }]],
    ["a name that leads out", [{ path: "../../x" }]],
  ] as const)("is refused with %s", async (_what, items) => {
    const { failure } = await bench.run("true", { layers: [bench.base, bench.layer(...items)] });
    expect(failure).toMatchObject({ reason: "internal" });
    expect(failure?.message).toMatch(/^Cannot read tar entry "/);
  });

  it("can replace links by directories and directories by files", async () => {
    const items = bench.layer(
      { path: "l", type: "symlink", linkname: "/etc" },
      { path: "l", type: "dir" },
      { path: "l/x", content: "1" },
      { path: "d", type: "dir" },
      { path: "d", content: "3" },
      { path: "e", type: "dir" },
      { path: "e/x", content: "4" },
      { path: "e", type: "dir", mode: 0o700 },
    );
    const { log } = await bench.succeed("cat /l/x /d /e/x; ls /etc", { layers: [bench.base, items] });
    expect(log).toBe("134group\nhosts\npasswd\nresolv.conf\n");
  });

  it("cannot contain attributes of overlayfs", async () => {
    const lower = bench.layer({ path: "d", type: "dir" }, { path: "d/below", content: "1" });
    const upper = bench.layer({ path: "d", type: "dir", xattrs: { "trusted.overlay.opaque": "eQ==" } });
    const { log } = await bench.succeed("ls /d", { layers: [bench.base, lower, upper] });
    expect(log).toBe("below\n");
  });

  it("are rejected when their digest, size or diffID is wrong", async () => {
    const layer = bench.layer({ path: "f", content: "1" });
    const other = { ...layer, diffId: `sha256:${"0".repeat(64)}` };
    const { failure } = await bench.run("true", { layers: [bench.base, other] });
    expect(failure?.message).toMatch(/^Cannot verify layer sha256:.*its diffID is sha256:/);
    const size = await bench.run("true", { layers: [{ ...bench.layer({ path: "g" }), size: 7 }] });
    expect(size.failure?.message).toContain("7 bytes were promised");
  });
});
