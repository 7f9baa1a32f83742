import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseChallenges } from "../../src/registry/remote/challenge.ts";

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe("parseChallenges()", () => {
  test.each<[header: string, challenges: [string, Record<string, string>][]]>([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          {
            realm: "https://auth.docker.io/token",
            service: "registry.docker.io",
            scope: "repository:a/b:pull,push",
          },
        ],
      ],
    ],
    ["BASIC Realm=me", [["basic", { realm: "me" }]]],
    [
      "bearer realm=https://gcr.io/v2/token, service=gcr.io",
      [["bearer", { realm: "https://gcr.io/v2/token", service: "gcr.io" }]],
    ],
    ['Basic realm="a\\"b\\\\"', [["basic", { realm: 'a"b\\' }]]],
    [
      'Negotiate YWJj==, Basic realm="x", , Bearer realm = "y" service="z"',
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y", service: "z" }],
      ],
    ],
    ["Negotiate", [["negotiate", {}]]],
    [
      "Basic, Bearer realm=x",
      [
        ["basic", {}],
        ["bearer", { realm: "x" }],
      ],
    ],
    ['Bearer realm="x",realm="y"', [["bearer", { realm: "x" }]]],
    ['Bearer realm="x', [["bearer", {}]]],
    [
      'Bearer realm="x",error="insufficient_scope"',
      [["bearer", { realm: "x", error: "insufficient_scope" }]],
    ],
    ["", []],
    ["=", []],
    ["é", []],
  ])("%s", (header, challenges) => {
    expect(read(header)).toEqual(challenges);
  });

  test("reads challenges that the grammar generates", () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const parameters = fc.uniqueArray(fc.tuple(token, fc.string()), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(token, parameters), { maxLength: 3 }), (challenges) => {
        const header = challenges
          .map(([scheme, pairs]) => {
            const written = pairs.map(([name, value]) => `${name}="${value.replace(/["\\]/g, "\\$&")}"`);
            return `${scheme} ${written.join(", ")}`;
          })
          .join(", ");
        expect(read(header)).toEqual(
          challenges.map(([scheme, pairs]) => [scheme, Object.fromEntries(pairs)]),
        );
      }),
    );
  });

  test("reads any header in linear time", () => {
    const piece = fc.constantFrom("Bearer", " ", ",", "=", '"', "\\", "realm", "a", "\t", "é");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 50 }), (pieces) => void parseChallenges(pieces.join(""))),
    );
    const before = performance.now();
    parseChallenges("a ".repeat(4000));
    parseChallenges(`a="${"\\".repeat(8000)}`);
    parseChallenges(`x ${"a".repeat(8000)}`);
    expect(parseChallenges("a".repeat(10_000))).toEqual([]);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
