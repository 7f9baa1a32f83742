import { afterAll, beforeAll, expect, test } from "vitest";
import type { ScrubReport } from "../../schemas/scrub.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { type Lab, startLab } from "./lab.ts";
import { SoakClient } from "./soak/client.ts";

// The procedure of docs/operate.md: a copy of the bucket, the folder repos/ first, while the server builds.

interface StoredObject {
  bytes: ArrayBuffer;
  customMetadata: Record<string, string>;
}

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ r2Faults: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

const Dockerfile = "FROM scratch\nCOPY a.txt /a/\nWORKDIR /work\nCOPY . .\n";

async function build(server: Lab, tag: string, text: string): Promise<string> {
  const body = contextOf({ Dockerfile, "a.txt": "a", "text.txt": text });
  const headers = { accept: "application/x-ndjson" };
  const answer = await server.fetch(`/v1/builds?t=${tag}`, { method: "POST", body, headers });
  const last = (await answer.text()).trim().split("\n").at(-1) ?? "";
  const { type, descriptor } = JSON.parse(last) as { type: string; descriptor: { digest: string } };
  expect(type, last).toBe("result");
  return descriptor.digest;
}

/** Reads an object as rclone does: again when the connection breaks. Undefined when it was deleted since it was listed. */
async function readObject(
  bucket: Awaited<ReturnType<Lab["bucket"]>>,
  key: string,
): Promise<StoredObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const object = await bucket.get(key);
      if (object === null) return undefined;
      return { bytes: await object.arrayBuffer(), customMetadata: object.customMetadata ?? {} };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

/** Copies objects that are not in the copy yet, as `rclone copy --metadata` does. */
async function copy(from: Lab, prefix: string, copied: Map<string, StoredObject>): Promise<void> {
  const bucket = await from.bucket();
  for (let cursor: string | undefined, isDone = false; !isDone; ) {
    const page = await bucket.list({ prefix, ...(cursor !== undefined && { cursor }) });
    for (const { key } of page.objects) {
      if (copied.has(key)) continue;
      const object = await readObject(bucket, key);
      if (object !== undefined) copied.set(key, object);
    }
    isDone = !page.truncated;
    cursor = page.truncated ? page.cursor : undefined;
  }
}

// A machine with other work takes minutes.
test("a copy of the bucket that was made while the server built is a server with all its images", {
  timeout: 400_000,
}, async () => {
  const images = new Map<string, { digest: string; marker: string }>();
  for (const number of [1, 2, 3, 4]) {
    const tag = `team/app-${number % 2}:${number}`;
    images.set(tag, { digest: await build(lab, tag, `marker ${number}`), marker: `marker ${number}` });
  }
  const access = { public: ["team/app-1"] };
  expect((await lab.fetch("/v1/access", { method: "PUT", body: JSON.stringify(access) })).status).toBe(200);
  const settings = await (await lab.fetch("/v1/access")).text();

  const copied = new Map<string, StoredObject>();
  let isCopied = false;
  const building = (async () => {
    for (let number = 10; !isCopied; number++) await build(lab, "team/busy:latest", `marker ${number}`);
  })();
  try {
    await copy(lab, "repos/", copied);
    await copy(lab, "", copied);
  } finally {
    isCopied = true;
    await building;
  }

  await using restored = await startLab({ r2Faults: 0, kvStale: 0 });
  const bucket = await restored.bucket();
  for (const [key, { bytes, customMetadata }] of copied) await bucket.put(key, bytes, { customMetadata });
  expect((await restored.fetch("/v1/access", { method: "PUT", body: settings })).status).toBe(200);

  const client = new SoakClient(restored, () => false);
  const { repositories } = (await (await restored.fetch("/v2/_catalog")).json()) as {
    repositories: string[];
  };
  expect(repositories).toEqual(expect.arrayContaining(["team/app-0", "team/app-1"]));
  for (const [tag, expected] of images) await client.pull(tag, expected);
  // The image built during the copy is complete in each version that the copy may have.
  if (repositories.includes("team/busy")) {
    const accept = { headers: { accept: "application/vnd.oci.image.manifest.v1+json" } };
    const manifest = await (await restored.fetch("/v2/team/busy/manifests/latest", accept)).text();
    const { config, layers } = JSON.parse(manifest) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    for (const { digest } of [config, ...layers])
      expect((await restored.fetch(`/v2/team/busy/blobs/${digest}`)).status).toBe(200);
  }
  const scrubbed = (await (await restored.fetch("/v1/scrub", { method: "POST" })).json()) as ScrubReport;
  expect(scrubbed.faults).toEqual([]);
  const anonymous = await restored.fetch("/v2/team/app-1/manifests/1", {
    method: "HEAD",
    headers: { authorization: "" },
  });
  expect(anonymous.status).toBe(200);

  // Equal inputs still give the same digest: the first results are in the bucket.
  expect(await build(restored, "team/again:1", "marker 1")).toBe(images.get("team/app-1:1")?.digest);
});
