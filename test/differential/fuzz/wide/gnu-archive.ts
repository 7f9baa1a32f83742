import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";
import type { Random } from "../random.ts";

const PAX = ["--format=pax", "--pax-option=delete=atime,delete=ctime"];
const FORMATS = [
  ["--format=gnu", "--sparse"],
  ["--format=oldgnu", "--sparse"],
  [...PAX, "--sparse", "--sparse-version=0.0"],
  [...PAX, "--sparse", "--sparse-version=0.1"],
  [...PAX, "--sparse", "--sparse-version=1.0"],
  [...PAX, "--pax-option=globexthdr.name=global,comment=a comment"],
  ["--format=ustar"],
  ["--format=v7"],
];
/** An archive of GNU tar in one of its formats, with sparse files, hard links and repeated members. */
export function generateGnuArchive(random: Random): Uint8Array {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "sub"), { mode: random.pick([0o755, 0o700]) });
  writeFileSync(join(folder.path, "sub/plain"), "plain\n", { mode: random.pick([0o644, 0o4755]) });
  writeFileSync(join(folder.path, "holes"), "data");
  truncateSync(join(folder.path, "holes"), random.pick([0, 4, 70_000, 300_000]));
  writeFileSync(join(folder.path, "holes"), "more", { flag: "a" });
  linkSync(join(folder.path, "sub/plain"), join(folder.path, "sub/zlink"));
  symlinkSync(random.pick(["plain", "/etc", "../holes", "soft"]), join(folder.path, "sub/soft"));
  const name = random.pick(["n".repeat(97), "short"]);
  writeFileSync(join(folder.path, name), "named\n");
  const roots = random.pick([["."], ["sub", "holes", name], [name, "sub"]]);
  const more = random.chance(0.3) ? [random.pick(["sub/plain", "sub"])] : [];
  const owner = ["--mtime=@1500000000", "--owner=7", "--group=8", "--numeric-owner", "--sort=name"];
  const format = random.pick(FORMATS);
  return new Uint8Array(
    execFileSync("tar", ["-c", "-C", folder.path, ...format, ...owner, ...roots, ...more]),
  );
}
