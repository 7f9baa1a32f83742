import { afterAll, beforeAll, expect, test } from "vitest";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";
import { SoakClient } from "./soak/client.ts";

// A Worker with objects of another version of varve: an older one after an upgrade, a newer one after a rollback.

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Prefixes of objects that state the version of their format. */
const framed = ["tocs/", "shadows/", "contexts/", "selections/"];

/** Gives stored objects another version. @returns how many */
async function changeVersions(change: (version: number) => number): Promise<number> {
  const bucket = await lab.bucket();
  let changed = 0;
  for (const prefix of framed) {
    for (const { key } of (await bucket.list({ prefix })).objects) {
      const object = await bucket.get(key);
      if (object === null) continue;
      const text = Buffer.from(await object.arrayBuffer()).toString("latin1");
      const next = text.replace(
        /"version":(\d)/,
        (_: string, version: string) => `"version":${change(Number(version))}`,
      );
      if (next === text) continue;
      changed += 1;
      await bucket.put(key, Buffer.from(next, "latin1"), { customMetadata: object.customMetadata ?? {} });
    }
  }
  // The new isolate has no cached objects of the old version.
  await lab.restart();
  return changed;
}

async function build(tag: string, text: string): Promise<{ digest: string; marker: string }> {
  const body = contextOf({
    Dockerfile: "FROM scratch\nCOPY . /app/\n",
    "same.txt": "same",
    "text.txt": text,
  });
  const answer = await lab.fetch(`/v1/builds?t=${tag}`, {
    method: "POST",
    body,
    headers: { accept: "application/x-ndjson" },
  });
  const last = (await answer.text()).trim().split("\n").at(-1) ?? "";
  const { type, descriptor } = JSON.parse(last) as { type: string; descriptor: { digest: string } };
  expect(type, last).toBe("result");
  return { digest: descriptor.digest, marker: text };
}

test.each([
  ["an upgrade: objects of an older version", (version: number) => version - 1],
  ["a rollback: objects of a newer version", (version: number) => version + 3],
])(
  "after %s, images are pulled, and builds that reuse them succeed",
  { timeout: 300_000 },
  async (what, change) => {
    const tag = `team/${what.split(":")[0]?.split(" ")[1]}`;
    const image = await build(`${tag}:1`, `first after ${what}`);
    expect(await changeVersions(change)).toBeGreaterThan(1);
    const client = new SoakClient(lab, () => false);
    await client.pull(`${tag}:1`, image);
    const next = await build(`${tag}:2`, `second after ${what}`);
    await client.pull(`${tag}:2`, next);
    const copy = await lab.fetch(`/v1/builds?t=${tag}:3`, {
      method: "POST",
      body: contextOf({
        Dockerfile: `FROM ${lab.host}/${tag}:1\nCOPY --from=${lab.host}/${tag}:1 /app/same.txt /copied\n`,
      }),
    });
    expect(copy.status, await copy.text()).toBe(200);
    expect((await build(`${tag}:4`, `first after ${what}`)).digest).toBe(image.digest);
  },
);
