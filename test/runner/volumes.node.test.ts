import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fillVolume } from "../../src/runner/containers/volumes.ts";
import { suiteFolder } from "../helpers/suite-folder.ts";
import { unable } from "./workbench.ts";

const folder = suiteFolder();

/** An empty volume, and an image with a directory of many files. */
function make(name: string) {
  const root = join(folder, name, "root");
  const volume = join(folder, name, "volumes/v/_data");
  mkdirSync(join(root, "data/sub"), { recursive: true });
  mkdirSync(volume, { recursive: true });
  const files = Array.from({ length: 5000 }, (_, number) => `f${number}`);
  for (const file of files) writeFileSync(join(root, "data/sub", file), "of the image");
  return { root, volume, files };
}

// Another container of the workspace has the volume already, and can change it while it is filled.
test("filling a volume writes nothing elsewhere while a container replaces its directories with links", async () => {
  const { root, volume } = make("hostile");
  const outside = join(folder, "hostile/outside");
  mkdirSync(outside);
  const script = `while ! mv "$0/sub" "$0/moved" 2>/dev/null; do :; done; ln -s "$1" "$0/sub"; echo replaced`;
  const container = spawn("sh", ["-c", script, volume, outside], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(container, "exit");
  await fillVolume(volume, root, "/data").catch(() => {});
  await ended;
  expect(readdirSync(outside)).toEqual([]);
});

test.skipIf(unable)(
  "an empty volume gets the files of the image, and the attributes of their directory",
  async () => {
    const { root, volume, files } = make("filled");
    chownSync(join(root, "data"), 1000, 100);
    chmodSync(join(root, "data"), 0o2770);
    utimesSync(join(root, "data"), 1_600_000_000, 1_600_000_000);
    await fillVolume(volume, root, "/data");
    expect(readdirSync(join(volume, "sub")).sort()).toEqual(files.sort());
    const { uid, gid, mode, mtimeMs } = statSync(volume);
    expect([uid, gid, mode & 0o7777, mtimeMs]).toEqual([1000, 100, 0o2770, 1_600_000_000_000]);
    expect(readdirSync(join(volume, ".."))).toEqual(["_data"]);
  },
);
