import { describe, expect, it } from "vitest";
import { collect, TooLargeError } from "../../src/streams/collect.ts";
import { noise, source } from "./source.ts";

describe("collect", () => {
  it("joins the chunks", async () => {
    expect(await collect(source(noise(1000), 7), 1000)).toEqual(noise(1000));
    expect(await collect(source(noise(0)), 0)).toEqual(new Uint8Array(0));
  });

  it("stops reading at the first byte too many", async () => {
    const tooLong = source(noise(1000), 10);
    await expect(collect(tooLong, 99)).rejects.toThrow(TooLargeError);
    expect(tooLong.pulled).toBe(10);
    expect(tooLong.isEnded).toBe(true);
  });
});
