import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { CommandError } from "../../../src/command/command-error.ts";
import { writeTextTo, writeTo } from "../../../src/command/outputs/write-to.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield* bytes("one");
  throw new Error("the server is gone");
}

test("a file is replaced completely or not at all", async () => {
  using folder = temporaryFolder({});
  const dest = join(folder.path, "a/b");
  await writeTo(dest, bytes("one", "two"));
  expect(readFileSync(dest, "utf8")).toBe("onetwo");
  for (const name of ["a/b", "a/c"]) {
    await expect(writeTo(join(folder.path, name), broken())).rejects.toThrow("the server is gone");
  }
  expect(readdirSync(join(folder.path, "a"))).toEqual(["b"]);
  expect(readFileSync(dest, "utf8")).toBe("onetwo");
});

test("a file may have the longest possible name", async () => {
  using folder = temporaryFolder({});
  const name = "é".repeat(127);
  await writeTo(join(folder.path, name), bytes("x"));
  writeTextTo(join(folder.path, name), "y");
  expect(readdirSync(folder.path)).toEqual([name]);
});

test("a text replaces its file at once: a reader of the old file has all of it", () => {
  using folder = temporaryFolder({ id: "old" });
  const dest = join(folder.path, "id");
  linkSync(dest, join(folder.path, "open"));
  writeTextTo(dest, "new");
  expect(readFileSync(dest, "utf8")).toBe("new");
  expect(readFileSync(join(folder.path, "open"), "utf8")).toBe("old");
  expect(statSync(dest).mode & 0o777).toBe(0o666 & ~process.umask());
  expect(readdirSync(folder.path).sort()).toEqual(["id", "open"]);
});

/** Exits, as after Ctrl-C, when a part of the file is in the folder. */
const exiting = `
import { readdirSync } from "node:fs";
const [module, folder] = process.argv.slice(1);
const { writeTo } = await import(module);
async function* bytes() {
  yield Buffer.alloc(1000);
  while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  process.exit(130);
}
await writeTo(folder + "/image.tar", bytes());
`;

test("a process that exits while it writes a file leaves no part of it", () => {
  using folder = temporaryFolder({});
  const module = join(import.meta.dirname, "../../../src/command/outputs/write-to.ts");
  const args = ["--input-type=module", "--eval", exiting, module, folder.path];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("the error names a file that cannot be written", async () => {
  using folder = temporaryFolder({ file: "" });
  const dest = join(folder.path, "file/below");
  await expect(writeTo(dest, bytes("one"))).rejects.toThrow(CommandError);
  await expect(writeTo(dest, bytes("one"))).rejects.toThrow(`Cannot write ${dest}: `);
  expect(() => writeTextTo("/dev/full", "id")).toThrow("Cannot write /dev/full: no space left on device");
});

describe("special files are not replaced", () => {
  test("a device is written to, and a full one is reported", async () => {
    await expect(writeTo("/dev/full", bytes("one"))).rejects.toThrow(
      "Cannot write /dev/full: no space left on device",
    );
    await writeTo("/dev/null", bytes("one"));
    for (const path of ["/dev/full", "/dev/null"]) expect(lstatSync(path).isCharacterDevice()).toBe(true);
    expect(readdirSync("/dev").filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("a FIFO is written to", async () => {
    using folder = temporaryFolder({});
    const fifo = join(folder.path, "fifo");
    execFileSync("mkfifo", [fifo]);
    const reader = spawn("cat", [fifo], { stdio: ["ignore", "pipe", "inherit"] });
    const [, got] = await Promise.all([writeTo(fifo, bytes("one", "two")), text(reader.stdout)]);
    expect(got).toBe("onetwo");
    expect(lstatSync(fifo).isFIFO()).toBe(true);
    expect(readdirSync(folder.path)).toEqual(["fifo"]);
  });

  test("a link to a file stays, and its target is replaced", async () => {
    using folder = temporaryFolder({});
    const place = (name: string) => join(folder.path, name);
    mkdirSync(place("there"));
    writeFileSync(place("there/target"), "before");
    symlinkSync("there/target", place("one"));
    symlinkSync(place("one"), place("two"));
    await writeTo(place("two"), bytes("after"));
    expect([readlinkSync(place("two")), readlinkSync(place("one"))]).toEqual([place("one"), "there/target"]);
    expect(readFileSync(place("there/target"), "utf8")).toBe("after");
    await expect(writeTo(place("two"), broken())).rejects.toThrow("the server is gone");
    expect(readFileSync(place("there/target"), "utf8")).toBe("after");
    expect(readdirSync(place("there"))).toEqual(["target"]);
  });

  test("a link to a missing file stays, and the file is created", async () => {
    using folder = temporaryFolder({});
    const place = (name: string) => join(folder.path, name);
    symlinkSync("missing", place("link"));
    await writeTo(place("link"), bytes("one"));
    expect(readlinkSync(place("link"))).toBe("missing");
    expect(readFileSync(place("missing"), "utf8")).toBe("one");
  });

  test("a link to a device is followed", async () => {
    using folder = temporaryFolder({});
    const link = join(folder.path, "link");
    symlinkSync("/dev/full", link);
    await expect(writeTo(link, bytes("one"))).rejects.toThrow("no space left on device");
    expect(readlinkSync(link)).toBe("/dev/full");
  });

  test("circular links, folders and sockets are rejected", async () => {
    using folder = temporaryFolder({});
    const place = (name: string) => join(folder.path, name);
    symlinkSync("b", place("a"));
    symlinkSync("a", place("b"));
    mkdirSync(place("folder"));
    const server = createServer().listen(place("socket"));
    await once(server, "listening");
    for (const name of ["a", "folder", "socket"])
      await expect(writeTo(place(name), bytes("one"))).rejects.toThrow(`Cannot write ${place(name)}: `);
    expect(lstatSync(place("socket")).isSocket()).toBe(true);
    server.close();
    expect(readdirSync(folder.path).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

test.each(["/proc/nope/file", "/proc/nope", "/sys/nope/file"])("%s is rejected immediately", async (dest) => {
  await expect(writeTo(dest, bytes("one"))).rejects.toThrow(`Cannot write ${dest}: `);
});
