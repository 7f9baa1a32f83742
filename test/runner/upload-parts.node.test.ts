import { expect, test } from "vitest";
import { TransferError } from "../../src/runner/server/transfer-error.ts";
import { uploadParts, watchStall } from "../../src/runner/server/upload-parts.ts";

const MB = 1024 * 1024;

/** A server behind a proxy that rejects bodies of more than `most` bytes. */
function serverBehind(maxBytes: number) {
  const sent: [offset: number, length: number][] = [];
  let size = 0;
  return {
    sent,
    send: async (offset: number, length: number) => {
      sent.push([offset, length]);
      if (length > maxBytes) throw new TransferError("too large", 413, true);
      if (offset === size) size += length;
      return size;
    },
  };
}

test("parts are halved until the proxy accepts them", async () => {
  const { send, sent } = serverBehind(100_000_000);
  await uploadParts({ size: 300 * MB, part: 300 * MB, send });
  expect(sent.map(([offset, length]) => [offset / MB, length / MB])).toEqual([
    [0, 300],
    [0, 64],
    [64, 64],
    [128, 64],
    [192, 64],
    [256, 44],
  ]);
});

test("a proxy must accept a megabyte, and one that accepts less is reported", async () => {
  await uploadParts({ size: 10 * MB, part: 64 * MB, send: serverBehind(1_000_000).send });
  const failing = uploadParts({ size: 10 * MB, part: 64 * MB, send: serverBehind(1000).send });
  await expect(failing).rejects.toThrow("too large");
});

test("after a part that was stored in part, the rest is sent", async () => {
  const sent: number[] = [];
  let size = 0;
  await uploadParts({
    size: 10 * MB,
    part: 4 * MB,
    send: async (offset, length) => {
      sent.push(offset / MB);
      // The connection was lost after the first megabyte, and the part was sent again.
      size += size === 4 * MB ? MB : length;
      return Math.min(size, 10 * MB);
    },
  });
  expect(sent).toEqual([0, 4, 5, 9]);
});

test("a server that receives nothing ends the upload", async () => {
  const failing = uploadParts({ size: 10, part: 10, send: async () => 0 });
  await expect(failing).rejects.toThrow("does not receive bytes from 0 on");
});

test("a connection that accepts no bytes is noticed", async () => {
  const stalled = Promise.withResolvers<void>();
  async function* source() {
    yield new Uint8Array(1);
    yield new Uint8Array(1);
  }
  const watched = watchStall(source(), stalled.resolve, 20);
  await watched.next();
  await stalled.promise;
  await watched.return(undefined);
});
