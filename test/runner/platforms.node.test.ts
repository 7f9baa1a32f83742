import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { machinePlatforms, nativePlatform } from "../../src/runner/sandbox/platforms.ts";

/** The kernel's texts for the interpreters of Debian's qemu-user-binfmt. */
const entries = {
  aarch64:
    "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: POCF\noffset 0\nmagic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n",
  s390x:
    "enabled\ninterpreter /usr/bin/qemu-s390x\nflags: OCF\noffset 0\nmagic 7f454c4602020100000000000000000000020016\nmask ffffffffffffff00fffffffffffffffffffeffff\n",
  arm: "enabled\ninterpreter /usr/bin/qemu-arm\nflags: F\noffset 0\nmagic 7f454c4601010100000000000000000002002800\nmask ffffffffffffff00fffffffffffffffffeffffff\n",
};
const python = "enabled\ninterpreter /usr/bin/python3\nflags: F\noffset 0\nmagic 420d0d0a\n";
const extension = "enabled\ninterpreter /usr/bin/wine\nflags: F\nextension .exe\n";

describe("the platforms that this machine runs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "varve-binfmt-"));
    await writeFile(join(folder, "status"), "enabled\n");
    await writeFile(join(folder, "register"), "");
  });
  afterEach(() => rm(folder, { recursive: true }));
  const emulated = async (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const own = machinePlatforms(join(folder, "nothing"));
    return machinePlatforms(folder).filter((platform) => !own.includes(platform));
  };

  it("are the native ones without emulators", async () => {
    expect(machinePlatforms(folder)[0]).toBe(nativePlatform());
    expect(await emulated({})).toEqual([]);
    expect(machinePlatforms("/no/such/folder")).toContain(nativePlatform());
  });

  it("are those whose programs an interpreter accepts, under any name", async () => {
    const found = await emulated({ "any-name": entries.aarch64, other: entries.s390x, third: entries.arm });
    expect(found.sort()).toEqual(["linux/arm/v7", "linux/arm64", "linux/s390x"]);
  });

  it.each([
    ["one that is found by its path, which containers do not have", entries.aarch64.replace("POCF", "POC")],
    ["one that is switched off", entries.aarch64.replace("enabled", "disabled")],
    ["one for other files", python],
    ["one for names", extension],
    ["an empty one", ""],
  ])("are not those of %s", async (_what, text) => {
    expect(await emulated({ entry: text })).toEqual([]);
  });

  it("are the native ones when all interpreters are disabled", async () => {
    await writeFile(join(folder, "status"), "disabled\n");
    expect(await emulated({ entry: entries.aarch64 })).toEqual([]);
  });
});
