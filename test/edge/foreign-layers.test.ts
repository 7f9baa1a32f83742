import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { archive, member } from "../tar/archive.ts";
import { type Lab, startLab } from "./lab.ts";
import { ok, pushImage } from "./push-image.ts";

const MIB = 2 ** 20;
const random = randomBytes(2 * MIB);
const image = "foreign/base:latest";

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 });
  // Two portions.
  const files = { random, zeros: Buffer.alloc(144 * MIB) };
  await pushImage(
    lab,
    image,
    archive(...Object.entries(files).map(([path, bytes]) => member({ path }, bytes))),
  );
}, 400_000);
afterAll(() => lab[Symbol.asyncDispose]());

const portions = async () => (await lab.observed()).objectCalls.LayerSegments ?? 0;

test("other invocations read a large layer of the base in portions", { timeout: 400_000 }, async () => {
  const build = async (tag: string, Dockerfile: string) => {
    const before = await portions();
    await ok(lab.fetch(`/v1/builds?t=${tag}`, { method: "POST", body: contextOf({ Dockerfile }) }));
    return (await portions()) - before;
  };
  const from = `FROM ${lab.host}/${image}`;
  const entries = await build("foreign/folder", `${from}\nWORKDIR /folder\n`);
  expect(entries).toBe(2);
  const contents = await build("foreign/file", `${from} AS base\nFROM scratch\nCOPY --from=base /random /\n`);
  expect(contents).toBe(2);
  const file = await ok(lab.fetch("/v1/images/foreign/file/latest/files?path=/random&content=1"));
  expect(random.equals(Buffer.from(await file.arrayBuffer()))).toBe(true);
  expect(await portions()).toBe(entries + contents);
});
