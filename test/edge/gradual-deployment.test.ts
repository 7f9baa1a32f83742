import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { archive, member } from "../tar/archive.ts";
import { type Lab, startLab } from "./lab.ts";
import { ok, pushImage } from "./push-image.ts";

// A new Worker whose objects still run an older version.

const random = randomBytes(2 ** 21);

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 }, {}, { hasOldSegments: true });
  await pushImage(lab, "old/base:latest", archive(member({ path: "random" }, random)));
}, 400_000);
afterAll(() => lab[Symbol.asyncDispose]());

test.each([
  ["entries", "", "WORKDIR /folder\n", "/random"],
  ["a file", "", "FROM scratch\nCOPY --from=0 /random /copied\n", "/copied"],
  ["all of it, in another compression", "&compression=zstd&forcecompression=1", "LABEL a=b\n", "/random"],
])("%s of a large layer: the Worker does what its objects cannot", async (what, query, rest, path) => {
  const name = `old/${what.split(" ").at(-1)}`;
  const body = contextOf({ Dockerfile: `FROM ${lab.host}/old/base\n${rest}` });
  await ok(lab.fetch(`/v1/builds?t=${name}${query}`, { method: "POST", body }));
  const file = await ok(lab.fetch(`/v1/images/${name}/latest/files?path=${path}&content=1`));
  expect(random.equals(Buffer.from(await file.arrayBuffer()))).toBe(true);
});
