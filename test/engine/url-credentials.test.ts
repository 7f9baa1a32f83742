import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  joinCredentials,
  maskCredentials,
  maskUrl,
  splitCredentials,
} from "../../src/engine/url-credentials.ts";

describe("user and password of a URL", () => {
  test.each([
    ["http://user:pw@example.com/a?b#c", "http://xxxxx:xxxxx@example.com/a?b#c"],
    ["https://token@github.com/a/b.git#main:dir", "https://xxxxx@github.com/a/b.git#main:dir"],
    ["http://:pw@example.com/", "http://xxxxx:xxxxx@example.com/"],
    ["http://us%40er:p%2Fw@example.com:8080/", "http://xxxxx:xxxxx@example.com:8080/"],
    ["http:///user:pw@example.com/", "http://xxxxx:xxxxx@example.com/"],
    ["http://user:p w\t@example.com/", "http://xxxxx:xxxxx@example.com/"],
    ["http://user:p@w@example.com/@x", "http://xxxxx:xxxxx@example.com/@x"],
    ["http://user:pw@bad host/", "http://xxxxx:xxxxx@bad host/"],
  ])("%j", (url, shown) => {
    const split = splitCredentials(url);
    expect(split.url).not.toMatch(/user|pw|token/);
    expect(maskUrl(url)).toBe(shown);
    const [given, joined] = [URL.parse(url), URL.parse(joinCredentials(split))];
    expect([joined?.username, joined?.password, joined?.host]).toEqual([
      given?.username,
      given?.password,
      given?.host,
    ]);
  });

  test.each([
    "https://example.com/a@b",
    "HTTP://Example.com",
    "src/a@b",
    "git@github.com:a/b.git",
    "",
    "http://",
  ])("%j has none", (text) => {
    expect(splitCredentials(text)).toEqual({ url: text });
    expect(maskUrl(text)).toBe(text);
  });

  test("are not the user of git over SSH", () => {
    const text = "RUN git clone ssh://git@example.com/a.git";
    expect(maskCredentials(text)).toBe(text);
    expect(maskCredentials("ssh://git:pw@example.com/a.git")).toBe("ssh://xxxxx:xxxxx@example.com/a.git");
  });

  test("are always masked", () => {
    const part = fc
      .string({ minLength: 8, unit: "grapheme" })
      .filter((text) => !"example.com".includes(text));
    fc.assert(
      fc.property(part, part, (user, password) => {
        const written = `https://${encodeURIComponent(user)}:${encodeURIComponent(password)}@example.com/x`;
        expect(maskUrl(written)).toBe("https://xxxxx:xxxxx@example.com/x");
        expect(maskCredentials(`ADD ${written} /x`)).toBe("ADD https://xxxxx:xxxxx@example.com/x /x");
      }),
    );
  });
});

test("a text of many URLs is masked in time that grows with its length", () => {
  const texts = ["://", "://a@", "http://a:b", "a.".repeat(3), "@"].map((part) => part.repeat(200_000));
  for (const text of texts) {
    const began = performance.now();
    maskCredentials(text);
    expect(performance.now() - began).toBeLessThan(10_000);
  }
});
