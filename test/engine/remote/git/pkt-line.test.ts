import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FLUSH,
  type Packet,
  packet,
  packetText,
  readPacket,
} from "../../../../src/engine/remote/git/pkt-line.ts";
import { ByteReader } from "../../../../src/streams/byte-reader.ts";
import { bytesOf } from "../../../helpers/git-pack.ts";
import { source } from "../../../streams/source.ts";

async function readAll(bytes: Uint8Array, size = 7): Promise<Packet[]> {
  const reader = new ByteReader(source(bytes, size));
  const packets: Packet[] = [];
  for (let next = await readPacket(reader); next !== undefined; next = await readPacket(reader))
    packets.push(next);
  return packets;
}

describe("readPacket()", () => {
  test("reads what packet() wrote, in chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary", maxLength: 300 })),
        fc.integer({ min: 1, max: 50 }),
        async (texts, size) => {
          const wire = bytesOf(texts.map((text) => packet(`${text}\n`)).join("") + FLUSH);
          const packets = await readAll(wire, size);
          expect(packets.pop()).toBe("flush");
          expect(packets.map((payload) => packetText(payload as Uint8Array))).toEqual(texts);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("distinguishes the markers", async () => {
    expect(await readAll(bytesOf("0000000100020004"))).toEqual([
      "flush",
      "delimiter",
      "response-end",
      new Uint8Array(0),
    ]);
  });

  test.each(["zzzz", "0003", "ffff", "fff1", "00", "-001", " 005a"])(
    "rejects the length %j",
    async (text) => {
      await expect(readAll(bytesOf(text))).rejects.toMatchObject({ code: "git-protocol" });
    },
  );

  test("rejects a packet that ends early", async () => {
    await expect(readAll(bytesOf("0010abc"))).rejects.toThrow("it ends inside a packet");
  });

  test("gives packets or GitError for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        await readAll(bytes).catch((error) => expect(error).toMatchObject({ code: "git-protocol" }));
      }),
    );
  });
});

test("packet() rejects texts that are longer than a packet", () => {
  expect(() => packet("x".repeat(65517))).toThrow(RangeError);
});
