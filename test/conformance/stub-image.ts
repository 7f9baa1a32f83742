import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { findBusybox } from "../differential/bases/busybox.ts";
import type { ContextFiles } from "./case-context.ts";
import { conformanceFolder } from "./case-set.ts";
import type { CaseInputs } from "./integration-case.ts";

/** The inputs of the stub of the bases, as described in its NOTE.txt. */
export async function stubInputs(): Promise<CaseInputs> {
  const folder = resolve(conformanceFolder(), "bases/busybox-stub");
  const dockerfile = await readFile(resolve(folder, "Dockerfile"), "utf8");
  return { dockerfile, files: await stubFiles(folder) };
}

async function stubFiles(folder: string): Promise<ContextFiles> {
  const mtime = 1_700_000_000;
  const { binary, applets } = findBusybox();
  const read = (name: string) => readFile(resolve(folder, name), "utf8");
  const files: ContextFiles = {
    "bin/busybox": { base64: Buffer.from(binary).toString("base64"), mode: "0755", mtime },
    "bin/adduser": { content: await read("adduser"), mode: "0755", mtime },
    "usr/bin/env": { symlink: "../../bin/busybox", mtime },
    tmp: { dir: true, mode: "1777", mtime },
    root: { dir: true, mode: "0700", mtime },
  };
  for (const name of ["passwd", "group", "alpine-release"])
    files[`etc/${name}`] = { content: await read(name), mtime };
  for (const name of applets) files[`bin/${name}`] ??= { symlink: "busybox", mtime };
  const directories =
    "bin etc usr usr/bin home usr/sbin sbin var var/www var/spool var/spool/mail dev proc sys run".split(" ");
  for (const path of directories) files[path] = { dir: true, mtime };
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [`rootfs/${path}`, file]));
}
