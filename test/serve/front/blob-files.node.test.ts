import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { send } from "../../helpers/send.ts";
import { TestedFront } from "./tested-front.ts";

const tested = new TestedFront();

describe("a blob", () => {
  const upload = (body: BodyInit, headers = {}) =>
    send(`${tested.url}/v2/team/app/blobs/uploads/1?digest=x`, { method: "PATCH", body, headers });

  test("that is pushed is stored by the front until the Worker accepts it", async () => {
    const blob = randomBytes(3 << 20);
    tested.answer = async (request, response) => {
      const sent = await buffer(request);
      const body = tested.bodies.take(String(request.headers["varve-front-body"]));
      if (body === undefined) throw new Error("there is no body");
      expect(tested.bodies.take(String(request.headers["varve-front-body"]))).toBeUndefined();
      const hash = createHash("sha256")
        .update(await buffer(body))
        .digest("hex");
      response.end(JSON.stringify([sent.length, request.headers["varve-front-length"], hash]));
    };
    const expected = [0, String(blob.length), createHash("sha256").update(blob).digest("hex")];
    expect(await (await upload(blob)).json()).toEqual(expected);
  });

  test("that is pulled is served from its file", async () => {
    const blob = randomBytes(3 << 20);
    await writeFile(join(tested.folder, "0f-file"), blob);
    tested.answer = (_request, response) => {
      response.writeHead(206, {
        "content-range": "x",
        "varve-front-file": "0f-file",
        "varve-front-offset": "1000",
        "varve-front-length": "2000000",
      });
      response.end();
    };
    const got = await send(`${tested.url}/v2/a/blobs/b`);
    expect([got.status, got.headers.get("content-length"), got.headers.get("content-range")]).toEqual([
      206,
      "2000000",
      "x",
    ]);
    expect(got.headers.has("varve-front-file")).toBe(false);
    expect(Buffer.from(await got.arrayBuffer()).equals(blob.subarray(1000, 2_001_000))).toBe(true);
  });

  test("whose file was replaced is requested again", async () => {
    await writeFile(join(tested.folder, "second"), "second");
    const names = ["first", "second"];
    tested.answer = (_request, response) => {
      const name = names.shift() ?? "none";
      response.writeHead(200, {
        "varve-front-file": name,
        "varve-front-offset": "0",
        "varve-front-length": "6",
      });
      response.end();
    };
    expect(await (await send(`${tested.url}/v2/a/blobs/b`)).text()).toBe("second");
  });

  test.each(["../worker", "..", "/etc/passwd", "a/b"])(
    "is never read outside of the folder: %s",
    async (name) => {
      tested.answer = (_request, response) => {
        response.writeHead(200, {
          "varve-front-file": name,
          "varve-front-offset": "0",
          "varve-front-length": "6",
        });
        response.end();
      };
      await expect(send(`${tested.url}/v2/a/blobs/b`)).rejects.toThrow();
    },
  );

  test("whose file became shorter ends the response early", async () => {
    await writeFile(join(tested.folder, "short"), "short");
    tested.answer = (_request, response) => {
      response.writeHead(200, {
        "varve-front-file": "short",
        "varve-front-offset": "0",
        "varve-front-length": "100",
      });
      response.end();
    };
    await expect((await send(`${tested.url}/v2/a/blobs/b`)).text()).rejects.toThrow();
  });
});
