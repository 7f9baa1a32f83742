import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/streams/sha256.ts";
import { testFolder } from "../helpers/test-folder.ts";
import { ServeProcess } from "../serve/serve-process.ts";

const folder = testFolder("push");
let server: ServeProcess;
let url: string;

beforeAll(async () => {
  server = new ServeProcess({ PORT: "0", VARVE_DATA: folder });
  url = await server.ready();
});
afterAll(() => server.stop());

const MiB = 1024 * 1024;

/** Location of an upload. */
async function begin(name: string): Promise<string> {
  const begun = await fetch(`${url}/v2/${name}/blobs/uploads/`, { method: "POST" });
  return `${url}${begun.headers.get("location")}`;
}

/** Received bytes of an upload. */
async function sizeOf(upload: string): Promise<number> {
  const { headers } = await fetch(upload);
  return Number(headers.get("range")?.slice(2)) + 1;
}

async function readBlob(name: string, digest: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/v2/${name}/blobs/${digest}`, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, length: answer.headers.get("content-length"), bytes };
}

/** An unfinished body without a length, of which `bytes` are sent. */
async function startPatch(upload: string, bytes: Uint8Array): Promise<ClientRequest> {
  const patch = request(upload, { method: "PATCH" }).on("error", () => {});
  await new Promise((resolve) => patch.write(bytes, resolve));
  return patch;
}

const breaks: [how: string, end: (patch: ClientRequest) => unknown][] = [
  ["is cut", (patch) => patch.destroy()],
  ["ends in the middle of the body", (patch) => patch.socket?.end()],
];

describe("pushes to a local server", { timeout: 30_000 }, () => {
  test("a blob without a length is one file, read whole and in parts", async () => {
    const blob = randomBytes(20 * MiB);
    const digest = sha256(blob);
    const upload = await begin("whole");
    const patch = await startPatch(upload, blob);
    patch.end();
    const [answer] = await once(patch, "response");
    expect([answer.statusCode, answer.headers.range]).toEqual([202, `0-${blob.length - 1}`]);
    answer.resume();
    expect((await fetch(`${upload}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
    const files = join(folder, "objects/files");
    const sizes = (await readdir(files)).map((name) => statSync(join(files, name)).size);
    // The base image of lessons has one of 2 MB.
    expect(sizes.filter((size) => size > 4 * MiB)).toEqual([blob.length]);
    expect(await readdir(join(folder, "objects/incoming"))).toEqual([]);

    const whole = await readBlob("whole", digest);
    expect([whole.status, whole.length]).toEqual([200, String(blob.length)]);
    expect(whole.bytes.equals(blob)).toBe(true);
    for (const [first, last] of [
      [0, 0],
      [1, 70_000],
      [blob.length - 1, blob.length - 1],
      [0, blob.length - 1],
      [5_000_000, 50_000_000],
    ] as const) {
      const part = await readBlob("whole", digest, { range: `bytes=${first}-${last}` });
      const expected = blob.subarray(first, last + 1);
      expect([part.status, part.length]).toEqual([206, String(expected.length)]);
      expect(part.bytes.equals(expected)).toBe(true);
    }
  });

  test.each(breaks)("after a connection that %s, the upload can continue", async (_, end) => {
    const blob = randomBytes(5 * MiB);
    const upload = await begin("broken");
    end(await startPatch(upload, blob.subarray(0, 3 * MiB)));
    await expect.poll(() => sizeOf(upload)).toBeGreaterThan(1);
    const came = await sizeOf(upload);
    const rest = { method: "PATCH", body: blob.subarray(came) };
    const headers = { "content-range": `${came}-${blob.length - 1}` };
    expect((await fetch(upload, { ...rest, headers })).status).toBe(202);
    const digest = sha256(blob);
    expect((await fetch(`${upload}?digest=${digest}`, { method: "PUT" })).status).toBe(201);
    expect((await readBlob("broken", digest)).bytes.equals(blob)).toBe(true);
  });

  test("a client that sends less than its content length receives an error", async () => {
    const patch = await startPatch(await begin("told"), randomBytes(MiB));
    patch.socket?.end();
    const [answer] = await once(patch, "response");
    expect(answer.statusCode).toBe(400);
    answer.resume();
  });

  test("bytes with another digest are not stored", async () => {
    const blob = randomBytes(MiB);
    const upload = await begin("other");
    const patch = await startPatch(upload, randomBytes(MiB));
    patch.end();
    await once(patch, "response");
    const digest = sha256(blob);
    expect((await fetch(`${upload}?digest=${digest}`, { method: "PUT" })).status).toBe(400);
    expect((await readBlob("other", digest)).status).toBe(404);
  });

  test("knowing a digest and size gives no access to a blob", async () => {
    const blob = randomBytes(5 * MiB);
    const digest = sha256(blob);
    const post = (name: string, body: Uint8Array<ArrayBuffer>) =>
      fetch(`${url}/v2/${name}/blobs/uploads/?digest=${digest}`, { method: "POST", body });
    expect((await post("owner", blob)).status).toBe(201);
    expect((await post("thief", randomBytes(5 * MiB))).status).toBe(400);
    expect((await readBlob("thief", digest)).status).toBe(404);
    expect((await post("friend", blob)).status).toBe(201);
    expect((await readBlob("friend", digest)).bytes.equals(blob)).toBe(true);
  });

  test("concurrent pushes of one blob all succeed", async () => {
    const blob = randomBytes(3 * MiB);
    const digest = sha256(blob);
    const names = ["one", "two", "three", "four"];
    const answers = await Promise.all(
      names.map((name) =>
        fetch(`${url}/v2/${name}/blobs/uploads/?digest=${digest}`, { method: "POST", body: blob }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
    for (const name of names) expect((await readBlob(name, digest)).bytes.equals(blob)).toBe(true);
  });

  test("the server logs none of these errors", () => {
    expect(server.stderr).toBe("");
    expect(server.stdout.split("\n")).toHaveLength(2);
  });
});
