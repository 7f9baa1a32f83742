import { describe, expect, test } from "vitest";
import { blobKey, manifestKey } from "../../src/oci/content-key.ts";
import { isDigest, parseDigest, requireDigest } from "../../src/oci/digest.ts";
import { Digester, sha256 } from "../../src/streams/sha256.ts";

const hex = "0".repeat(64);

test.each([
  [sha256("x"), true],
  [new Digester("sha512").update(new Uint8Array()).digest(), true],
  [`sha256:${hex.slice(1)}`, false],
  [`sha256:${hex}0`, false],
  [`sha256:${"A".repeat(64)}`, false],
  [`sha256:${hex}/../x`, false],
  [`md5:${"0".repeat(32)}`, false],
  ["sha256:", false],
  ["", false],
])("isDigest(%j) is %s", (text, expected) => {
  expect(isDigest(text)).toBe(expected);
});

describe("requireDigest()", () => {
  test.each([
    ["sha256", "invalid checksum digest format"],
    [`SHA256:${hex}`, "invalid checksum digest format"],
    [`sha256:${"g".repeat(64)}`, "invalid checksum digest format"],
    ["sha512:00", "invalid checksum digest length"],
    ["blake3:00", "unsupported digest algorithm"],
  ])("reports the fault of %j", (text, reason) => {
    expect(() => requireDigest(text)).toThrow(`Invalid digest "${text}": ${reason}`);
  });
});

test("digests of any algorithm fit the grammar", () => {
  expect(parseDigest("multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8")).toEqual({
    algorithm: "multihash+base58",
    encoded: "QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
  });
  expect(parseDigest("a".repeat(2000))).toBeUndefined();
});

test("contents are stored under their digests", () => {
  expect(blobKey(`sha256:${hex}`)).toBe(`blobs/sha256/${hex}`);
  expect(manifestKey(`sha256:${hex}`)).toBe(`manifests/sha256/${hex}`);
  expect(() => blobKey("sha256:../x")).toThrow("Invalid digest");
});
