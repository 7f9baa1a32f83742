import { describe, expect, it } from "vitest";
import { readable } from "../../src/streams/readable.ts";
import { noise, Source } from "./source.ts";

describe("readable", () => {
  it("gives the chunks of its source", async () => {
    const bytes = noise(100);
    const stream = readable(new Source([bytes.subarray(0, 60), bytes.subarray(60)]));
    expect(new Uint8Array(await new Response(stream).arrayBuffer())).toEqual(bytes);
  });

  it("pulls no chunk that is not read", async () => {
    const source = new Source([noise(1), noise(2), noise(3)]);
    const reader = readable(source).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(source.pulled).toBe(1);
  });

  it("ends its source when it is cancelled", async () => {
    const source = new Source([noise(1), noise(2)]);
    const reader = readable(source).getReader();
    await reader.read();
    await reader.cancel();
    expect(source.isEnded).toBe(true);
  });

  it("fails with the error of its source", async () => {
    async function* failing() {
      yield noise(1);
      throw new Error("disk on fire");
    }
    const reader = readable(failing()).getReader();
    await reader.read();
    await expect(reader.read()).rejects.toThrow("disk on fire");
  });
});
