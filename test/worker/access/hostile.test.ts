import fc from "fast-check";
import { expect, test } from "vitest";
import { readCredential } from "../../../src/worker/access/credential.ts";
import { covers, grantOf } from "../../../src/worker/access/grants.ts";
import { readRegistryScopes } from "../../../src/worker/access/registry-scope.ts";
import { requirementOf } from "../../../src/worker/access/requirement.ts";
import { isSignedHere } from "../../../src/worker/access/signed-token.ts";
import { tokenId } from "../../../src/worker/access/token-table.ts";

test("any credential is accepted or rejected without an exception", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const header of [
        text,
        `Bearer ${text}`,
        `Basic ${text}`,
        `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`,
      ])
        expect(() => readCredential(header)).not.toThrow();
      expect(() => readRegistryScopes([text, `repository:${text}:pull`])).not.toThrow();
      expect(isSignedHere(text)).toBe(false);
      expect(tokenId(text)).toBeUndefined();
    }),
  );
});

test("every request that is not public requires a right", () => {
  const piece = fc.constantFrom(
    "v1",
    "v2",
    "builds",
    "..",
    "%2e%2e",
    "%2F",
    "token",
    "jobs",
    "images",
    "a",
    "",
    "healthz",
    "%",
  );
  const open = /^\/(?:healthz|openapi\.json|docs|v1\/jobs\/[^/]+\/.+|v2\/token)\/?$/;
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }),
      fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      (parts, method) => {
        const request = new Request(`http://localhost/${parts.join("/")}`, { method });
        const { pathname } = new URL(request.url);
        const demand = requirementOf(request);
        if (demand.kind === "nothing") expect(pathname).toMatch(open);
        // The Engine API reveals nothing without rights; its handlers check rights once they know the repository.
        if (demand.kind !== "rights" || /^\/(?:images|build)\b/.test(pathname)) return;
        expect(demand.required.every((required) => covers([grantOf("pull:elsewhere")], required))).toBe(
          false,
        );
      },
    ),
    { numRuns: 2000 },
  );
});
