import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CommandError } from "../../src/cli/command-error.ts";
import { writeText, writeTo } from "../../src/cli/write-to.ts";
import { temporaryFolder } from "./folder.ts";

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

test("a file has all bytes, or is not there", async () => {
  using folder = temporaryFolder({});
  const dest = join(folder.path, "a/b");
  await writeTo(dest, bytes("one", "two"));
  expect(readFileSync(dest, "utf8")).toBe("onetwo");
  const broken = async function* () {
    yield* bytes("one");
    throw new Error("the server is gone");
  };
  await expect(writeTo(join(folder.path, "a/c"), broken())).rejects.toThrow("the server is gone");
  expect(readdirSync(join(folder.path, "a"))).toEqual(["b"]);
});

test("a file that cannot be written is named", async () => {
  using folder = temporaryFolder({ file: "" });
  const dest = join(folder.path, "file/below");
  await expect(writeTo(dest, bytes("one"))).rejects.toThrow(CommandError);
  await expect(writeTo(dest, bytes("one"))).rejects.toThrow(`Cannot write ${dest}: `);
  expect(() => writeText("/dev/full", "id")).toThrow("Cannot write /dev/full: ENOSPC");
});
