import { describe, expect, it } from "vitest";
import { Digester, sha256 } from "../../src/streams/sha256.ts";
import { noise, utf8 } from "./source.ts";

const EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async function byWebCrypto(algorithm: "SHA-256" | "SHA-512", bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("sha256", () => {
  it("returns the digest of no bytes", () => {
    expect(sha256("")).toBe(EMPTY);
    expect(sha256(new Uint8Array(0))).toBe(EMPTY);
    expect(new Digester().digest()).toBe(EMPTY);
  });

  it("encodes a text as UTF-8", () => {
    expect(sha256("é")).toBe(sha256(utf8("é")));
  });

  it("equals the hash of Web Crypto", async () => {
    const bytes = noise(1000);
    expect(sha256(bytes)).toBe(`sha256:${await byWebCrypto("SHA-256", bytes)}`);
    expect(new Digester("sha512").update(bytes).digest()).toBe(
      `sha512:${await byWebCrypto("SHA-512", bytes)}`,
    );
  });
});

describe("Digester", () => {
  it("gives the same digest for any chunks", () => {
    const bytes = noise(1000);
    const digester = new Digester().update(bytes.subarray(0, 1)).update(bytes.subarray(1));
    expect(digester.digest()).toBe(sha256(bytes));
  });

  it("has independent copies", () => {
    const digester = new Digester().update(utf8("a"));
    const copy = digester.copy().update(utf8("b"));
    expect(digester.digest()).toBe(sha256("a"));
    expect(copy.digest()).toBe(sha256("ab"));
  });
});
