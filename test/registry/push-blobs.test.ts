import { describe, expect, test } from "vitest";
import { handleRegistry } from "../../src/registry/server/handle.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { isolateMemory } from "../../src/streams/memory-budget.ts";
import { Digester, sha256 } from "../../src/streams/sha256.ts";
import { noise } from "../streams/source.ts";
import { bytesOf, emptyStores, faultOf, locationOf, RegistryClient } from "./registry-client.ts";

const sha512 = (bytes: Uint8Array) => new Digester("sha512").update(bytes).digest();
const UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Without a length, the body is stored in several parts. */
const blob = noise(4_600_000);
const digest = sha256(blob);
const other = sha256("other");
const empty = new Uint8Array();

describe.each(await emptyStores())("blobs pushed to %s", (where, store) => {
  const client = new RegistryClient(store);
  const ask = client.ask.bind(client);
  let repositories = 0;
  /** A repository without content. */
  const fresh = () => `${where.toLowerCase()}/r${repositories++}`;

  const expectBlob = async (name: string, bytes: Uint8Array, wanted = sha256(bytes)) => {
    const head = await ask("HEAD", `${name}/blobs/${wanted}`);
    expect([head.status, head.headers.get("Content-Length")]).toEqual([200, String(bytes.length)]);
    const got = await ask("GET", `${name}/blobs/${wanted}`);
    expect(sha256(await bytesOf(got))).toBe(sha256(bytes));
    expect(got.headers.get("Docker-Content-Digest")).toBe(wanted);
    expect(await client.keys("uploads/")).toEqual([]);
  };

  test("end-4a: an upload begins", async () => {
    const name = fresh();
    for (const path of [`${name}/blobs/uploads/`, `${name}/blobs/uploads`]) {
      const begun = await ask("POST", path, { headers: { "Content-Length": "0" } });
      expect(begun.status).toBe(202);
      expect(locationOf(begun)).toMatch(new RegExp(`^/v2/${name}/blobs/uploads/${UUID}$`));
      expect(begun.headers.get("OCI-Chunk-Min-Length")).toMatch(/^\d+$/);
      await ask("DELETE", locationOf(begun));
    }
  });

  test.each([false, true])("end-4b: one post; streamed: %s", async (streamed) => {
    const name = fresh();
    const stored = await ask("POST", `${name}/blobs/uploads/?digest=${digest}`, { body: blob, streamed });
    expect(stored.status).toBe(201);
    expect(locationOf(stored)).toBe(`/v2/${name}/blobs/${digest}`);
    await expectBlob(name, blob);
  });

  test("end-4b: one post of an empty blob", async () => {
    const name = fresh();
    expect((await ask("POST", `${name}/blobs/uploads/?digest=${sha256(empty)}`)).status).toBe(201);
    await expectBlob(name, empty);
  });

  test.each([false, true])("end-4b: one post of other bytes; streamed: %s", async (streamed) => {
    const name = fresh();
    const answer = await ask("POST", `${name}/blobs/uploads/?digest=${other}`, { body: "x", streamed });
    expect(await faultOf(answer)).toBe("400 DIGEST_INVALID");
    expect((await ask("HEAD", `${name}/blobs/${other}`)).status).toBe(404);
    expect(await client.keys("uploads/")).toEqual([]);
  });

  test("end-4c: SHA-512", async () => {
    const name = fresh();
    const begun = await ask("POST", `${name}/blobs/uploads/?digest-algorithm=sha512`);
    const wanted = sha512(blob);
    const stored = await ask("PUT", `${locationOf(begun)}?digest=${wanted}`, { body: blob });
    expect([stored.status, stored.headers.get("Docker-Content-Digest")]).toEqual([201, wanted]);
    await expectBlob(name, blob, wanted);
    expect(await faultOf(await ask("POST", `${name}/blobs/uploads/?digest-algorithm=md5`))).toBe(
      "400 DIGEST_INVALID",
    );
  });

  test.each([false, true])("end-6: the complete blob in the put; streamed: %s", async (streamed) => {
    const name = fresh();
    const stored = await ask("PUT", `${await client.begin(name)}?digest=${digest}`, { body: blob, streamed });
    expect([stored.status, locationOf(stored)]).toEqual([201, `/v2/${name}/blobs/${digest}`]);
    await expectBlob(name, blob);
  });

  test("end-5, end-6: one patch without a length, then an empty put, as docker sends them", async () => {
    const name = fresh();
    const patched = await ask("PATCH", await client.begin(name), { body: blob, streamed: true });
    expect([patched.status, patched.headers.get("Range")]).toEqual([202, `0-${blob.length - 1}`]);
    const stored = await ask("PUT", `${locationOf(patched)}?digest=${digest}`);
    expect(stored.status).toBe(201);
    await expectBlob(name, blob);
  });

  test("a patch without a length has small parts while no memory is free", async () => {
    using _ = isolateMemory.hold(isolateMemory.total);
    const name = fresh();
    const patched = await ask("PATCH", await client.begin(name), { body: blob, streamed: true });
    const sizes: number[] = [];
    for await (const { size } of store.list("uploads/")) sizes.push(size);
    // The store of a local server receives it as one file.
    expect(Math.max(...sizes)).toBe(store.receive ? blob.length : 640 * 1024);
    expect((await ask("PUT", `${locationOf(patched)}?digest=${digest}`)).status).toBe(201);
    await expectBlob(name, blob);
  });

  test.each(["patch", "put"])("end-5, end-6: chunks in order, the last in the %s", async (last) => {
    const name = fresh();
    let location = await client.begin(name);
    const size = 2_000_000;
    for (let at = 0; at < blob.length; at += size) {
      const body = blob.subarray(at, at + size);
      const isLast = at + size >= blob.length;
      const headers = { "Content-Range": `${at}-${at + body.length - 1}` };
      if (isLast && last === "put") {
        expect((await ask("PUT", `${location}?digest=${digest}`, { body, headers })).status).toBe(201);
        break;
      }
      const patched = await ask("PATCH", location, { body, headers });
      expect([patched.status, patched.headers.get("Range")]).toEqual([202, `0-${at + body.length - 1}`]);
      location = locationOf(patched);
      if (isLast) expect((await ask("PUT", `${location}?digest=${digest}`)).status).toBe(201);
    }
    await expectBlob(name, blob);
  });

  test("end-5, end-6: chunks out of order are rejected, and the upload continues", async () => {
    const name = fresh();
    const location = await client.begin(name);
    const chunk = (first: number, body: string) => ({
      body,
      headers: { "Content-Range": `${first}-${first + body.length - 1}` },
    });
    const refused = await ask("PATCH", location, chunk(5, "67890"));
    expect(refused.headers.get("Location")).toBe(location);
    expect(await faultOf(refused)).toBe("416 BLOB_UPLOAD_INVALID");
    await ask("PATCH", location, chunk(0, "12345"));
    for (const first of [0, 3, 6]) {
      for (const [method, path] of [
        ["PATCH", location],
        ["PUT", `${location}?digest=${sha256("1234567890")}`],
      ] as const) {
        const again = await ask(method, path, chunk(first, "67890"));
        expect(again.headers.get("Range")).toBe("0-4");
        expect(await faultOf(again)).toBe("416 BLOB_UPLOAD_INVALID");
      }
    }
    const state = await ask("GET", location);
    expect([state.status, state.headers.get("Range")]).toEqual([204, "0-4"]);
    const stored = await ask("PUT", `${location}?digest=${sha256("1234567890")}`, chunk(5, "67890"));
    expect(stored.status).toBe(201);
    await expectBlob(name, new TextEncoder().encode("1234567890"));
  });

  test.each([
    ["5-1", "12345", "400 BLOB_UPLOAD_INVALID"],
    ["bytes 0-4/5", "12345", "400 BLOB_UPLOAD_INVALID"],
    ["0-4", "1234", "400 SIZE_INVALID"],
    ["0-4", "123456", "400 SIZE_INVALID"],
    ["0-4", "", "400 SIZE_INVALID"],
  ])("end-5: a chunk of range %s with body %o", async (range, body, fault) => {
    const name = fresh();
    const location = await client.begin(name);
    for (const streamed of [false, true]) {
      const answer = await ask("PATCH", location, { body, headers: { "Content-Range": range }, streamed });
      expect(await faultOf(answer)).toBe(fault);
      expect((await ask("GET", location)).headers.get("Range")).toBe("0-0");
    }
    await ask("DELETE", location);
  });

  test("end-6: bytes with another digest are rejected, and end the upload", async () => {
    const name = fresh();
    const location = await client.begin(name);
    await ask("PATCH", location, { body: blob, streamed: true });
    for (const wrong of ["", "digest=", "digest=sha256:baddigeststring", `digest=md5:${"0".repeat(32)}`]) {
      expect(await faultOf(await ask("PUT", `${location}?${wrong}`))).toBe("400 DIGEST_INVALID");
    }
    expect((await ask("GET", location)).status).toBe(204);
    expect(await faultOf(await ask("PUT", `${location}?digest=${other}`))).toBe("400 DIGEST_INVALID");
    expect(await faultOf(await ask("GET", location))).toBe("404 BLOB_UPLOAD_UNKNOWN");
    expect(await client.keys("uploads/")).toEqual([]);
    expect((await ask("HEAD", `${name}/blobs/${other}`)).status).toBe(404);
  });

  test("end-6: a stored blob is not added to a repository without its bytes", async () => {
    await ask("POST", `${fresh()}/blobs/uploads/?digest=${digest}`, { body: blob });
    const name = fresh();
    const guess = noise(blob.length, 7);
    for (const [method, path] of [
      ["POST", `${name}/blobs/uploads/?digest=${digest}`],
      ["PUT", `${await client.begin(name)}?digest=${digest}`],
    ] as const) {
      expect(await faultOf(await ask(method, path, { body: guess }))).toBe("400 DIGEST_INVALID");
    }
    expect((await ask("HEAD", `${name}/blobs/${digest}`)).status).toBe(404);
  });

  test("end-11: a blob of another repository", async () => {
    const [from, name] = [fresh(), fresh()];
    await ask("POST", `${from}/blobs/uploads/?digest=${digest}`, { body: blob });
    const mounted = await ask("POST", `${name}/blobs/uploads/?mount=${digest}&from=${from}`);
    expect([mounted.status, locationOf(mounted)]).toEqual([201, `/v2/${name}/blobs/${digest}`]);
    await expectBlob(name, blob);
    const anonymous = fresh();
    expect((await ask("POST", `${anonymous}/blobs/uploads/?mount=${digest}`)).status).toBe(201);
    await expectBlob(anonymous, blob);
  });

  test("end-11: when the blob does not exist there, an upload starts", async () => {
    await ask("POST", `${fresh()}/blobs/uploads/?digest=${digest}`, { body: blob });
    const name = fresh();
    for (const query of [
      `mount=${digest}&from=${fresh()}`,
      `mount=${digest}&from=../x`,
      `mount=${other}`,
      `mount=${other}&from=`,
    ]) {
      const begun = await ask("POST", `${name}/blobs/uploads/?${query}`);
      expect([query, begun.status]).toEqual([query, 202]);
      expect((await ask("DELETE", locationOf(begun))).status).toBe(204);
    }
    expect(await faultOf(await ask("POST", `${name}/blobs/uploads/?mount=x`))).toBe("400 DIGEST_INVALID");
  });

  test("end-13, end-14: the status of an upload, and its cancellation", async () => {
    const name = fresh();
    const location = await client.begin(name);
    const before = await ask("GET", location);
    expect([before.status, before.headers.get("Range"), locationOf(before)]).toEqual([204, "0-0", location]);
    await ask("PATCH", location, { body: "12345" });
    expect((await ask("GET", location)).headers.get("Range")).toBe("0-4");
    expect((await ask("DELETE", location)).status).toBe(204);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      expect(await faultOf(await ask(method, location))).toBe("404 BLOB_UPLOAD_UNKNOWN");
    }
    expect(await faultOf(await ask("PUT", `${location}?digest=${other}`))).toBe("404 BLOB_UPLOAD_UNKNOWN");
    expect(await client.keys("uploads/")).toEqual([]);
  });

  test("end-10: a deleted blob is immediately missing, in this repository only", async () => {
    const [name, kept] = [fresh(), fresh()];
    for (const each of [name, kept]) {
      await ask("POST", `${each}/blobs/uploads/?digest=${digest}`, { body: blob });
    }
    expect((await ask("DELETE", `${name}/blobs/${digest}`)).status).toBe(202);
    expect((await ask("HEAD", `${name}/blobs/${digest}`)).status).toBe(404);
    expect(await faultOf(await ask("DELETE", `${name}/blobs/${digest}`))).toBe("404 BLOB_UNKNOWN");
    await expectBlob(kept, blob);
    await ask("POST", `${name}/blobs/uploads/?digest=${digest}`, { body: blob });
    await expectBlob(name, blob);
  });

  test("an upload belongs to its repository, and its id is not a path", async () => {
    const name = fresh();
    const location = await client.begin(name);
    const id = location.split("/").at(-1) ?? "";
    for (const path of [
      `${fresh()}/blobs/uploads/${id}`,
      `${name}/blobs/uploads/${id.toUpperCase()}x`,
      `${name}/blobs/uploads/session`,
      `${name}/blobs/uploads/%2e%2e%2f${id}`,
      `${name}/blobs/uploads/..`,
      `${name}/blobs/uploads/${"0".repeat(2000)}`,
    ]) {
      const answer = await ask("PATCH", path, { body: "x" });
      expect([path, answer.status < 500 && answer.status >= 400]).toEqual([path, true]);
      await answer.arrayBuffer();
    }
    expect((await client.keys("uploads/")).length).toBe(1);
    await ask("DELETE", location);
  });

  test.each([false, true])("one of two concurrent patches is accepted; streamed: %s", async (streamed) => {
    const name = fresh();
    const location = await client.begin(name);
    const bodies = [noise(4_500_000, 2), noise(4_500_000, 3)];
    const headers = { "Content-Range": "0-4499999" };
    const answers = await Promise.all(
      bodies.map((body) => ask("PATCH", location, { body, streamed, ...(!streamed && { headers }) })),
    );
    const statuses = answers.map(({ status }) => status);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    // A chunk without a range is appended to the previous one if it is sent later.
    expect(statuses).toContain(202);
    const taken = Number((await ask("GET", location)).headers.get("Range")?.slice(2)) + 1;
    if (statuses.includes(416)) {
      const winner = bodies[statuses.indexOf(202)] as Uint8Array;
      expect(taken).toBe(winner.length);
      const stored = await ask("PUT", `${location}?digest=${sha256(winner)}`);
      expect(stored.status).toBe(201);
      await expectBlob(name, winner);
    } else expect(taken).toBe(9_000_000);
    await ask("DELETE", location);
  });

  test("two concurrent puts of one upload store one blob", async () => {
    const name = fresh();
    const location = await client.begin(name);
    await ask("PATCH", location, { body: blob, streamed: true });
    const answers = await Promise.all([1, 2].map(() => ask("PUT", `${location}?digest=${digest}`)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(statuses.every((status) => status === 201 || status === 404)).toBe(true);
    await expectBlob(name, blob);
  });

  test("an incomplete body keeps the received bytes for the next request", async () => {
    const name = fresh();
    const location = await client.begin(name);
    let at = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= 4_500_000) controller.error(new Error("gone"));
        else controller.enqueue(blob.slice(at, at + 500_000));
        at += 500_000;
      },
    });
    const url = new URL(location, "http://registry.test");
    const request = new Request(url, { method: "PATCH", body: broken, duplex: "half" } as RequestInit);
    const answer = await handleRegistry(request, new StoreRegistry(store));
    // workerd does not distinguish the end of a JavaScript stream from its failure, but it does for network bodies.
    if (where === "files") expect(answer.status).toBe(202);
    else expect(await faultOf(answer)).toBe("400 BLOB_UPLOAD_INVALID");
    const first = Number((await ask("GET", location)).headers.get("Range")?.slice(2)) + 1;
    expect(first).toBeGreaterThan(4_000_000);
    const headers = { "Content-Range": `${first}-${blob.length - 1}` };
    await ask("PATCH", location, { body: blob.subarray(first), headers });
    expect((await ask("PUT", `${location}?digest=${digest}`)).status).toBe(201);
    await expectBlob(name, blob);
  });

  test("a rejected body is read before the response, within bounds", async () => {
    for (const [size, expected] of [
      [3_000_000, 3_000_000],
      [200_000_000, 70_000_000],
    ] as const) {
      let read = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (read >= size) return controller.close();
            controller.enqueue(new Uint8Array(100_000));
            read += 100_000;
          },
        },
        { highWaterMark: 0 },
      );
      const url = `http://registry.test/v2/${fresh()}/blobs/uploads/${crypto.randomUUID()}`;
      const request = new Request(url, { method: "PATCH", body, duplex: "half" } as RequestInit);
      expect(await faultOf(await handleRegistry(request, new StoreRegistry(store)))).toBe(
        "404 BLOB_UPLOAD_UNKNOWN",
      );
      expect(read).toBeLessThanOrEqual(expected);
      expect(read).toBeGreaterThanOrEqual(Math.min(size, 60_000_000));
    }
  });

  test("bodies that are longer or shorter than stated", async () => {
    const name = fresh();
    for (const length of ["3", "9"]) {
      const options = { body: "12345", streamed: true, headers: { "Content-Length": length } };
      const posted = await ask("POST", `${name}/blobs/uploads/?digest=${sha256("12345")}`, options);
      expect(await faultOf(posted)).toBe("400 SIZE_INVALID");
    }
    const huge = { body: "x", streamed: true, headers: { "Content-Length": "9".repeat(13) } };
    const location = await client.begin(name);
    for (const [method, path] of [
      ["POST", `${name}/blobs/uploads/?digest=${other}`],
      ["PATCH", location],
      ["PUT", `${location}?digest=${other}`],
    ] as const) {
      expect(await faultOf(await ask(method, path, huge))).toBe("413 SIZE_INVALID");
    }
    await ask("DELETE", location);
  });
});
