import { describe, expect, it } from "vitest";
import { machinePlatforms, nativePlatform } from "../../src/runner/sandbox/platforms.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** The kernel's descriptions of the interpreters of Debian's qemu-user-binfmt. */
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
  /** Platforms beside the native ones, with these files in the kernel's folder of interpreters. */
  const emulated = (files: Record<string, string>) => {
    using folder = temporaryFolder({ status: "enabled\n", register: "", ...files });
    const own = machinePlatforms("/no/such/folder");
    const all = machinePlatforms(folder.path);
    expect(all[0]).toBe(nativePlatform());
    return all.filter((platform) => !own.includes(platform));
  };

  it("are the native ones without emulators", () => {
    expect(emulated({})).toEqual([]);
    expect(machinePlatforms("/no/such/folder")).toContain(nativePlatform());
  });

  it("are those whose programs an interpreter accepts, under any name", () => {
    const found = emulated({ "any-name": entries.aarch64, other: entries.s390x, third: entries.arm });
    expect(found.sort()).toEqual(["linux/arm/v7", "linux/arm64", "linux/s390x"]);
  });

  it.each([
    ["one that is found by its path, which containers do not have", entries.aarch64.replace("POCF", "POC")],
    ["one that is switched off", entries.aarch64.replace("enabled", "disabled")],
    ["one for other files", python],
    ["one for names", extension],
    ["an empty one", ""],
  ])("are not those of %s", (_what, text) => {
    expect(emulated({ entry: text })).toEqual([]);
  });

  it("are the native ones when all interpreters are disabled", () => {
    expect(emulated({ status: "disabled\n", entry: entries.aarch64 })).toEqual([]);
  });
});
