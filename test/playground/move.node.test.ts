import { expect, test } from "vitest";
import { moveInstruction } from "../../src/playground/building/move.ts";
import { tokenize } from "../../src/playground/editor/tokens.ts";
import { matchRoute } from "../../src/playground/match-route.ts";

test("moves whole instructions, here-documents and continued lines included", () => {
  const text = "FROM scratch\nCOPY <<EOF /a\nx\nEOF\nRUN a \\\n  b\nLABEL c=d";
  const [, copy, run, label] = tokenize(text).instructions;
  if (copy === undefined || run === undefined || label === undefined) throw new Error("There are four");
  expect(moveInstruction(text, copy, label)).toBe(
    "FROM scratch\nRUN a \\\n  b\nLABEL c=d\nCOPY <<EOF /a\nx\nEOF",
  );
  expect(moveInstruction(text, run, tokenize(text).instructions[0] as typeof run)).toBe(
    "FROM scratch\nRUN a \\\n  b\nCOPY <<EOF /a\nx\nEOF\nLABEL c=d",
  );
});

test("a parameter of a route matches any text", () => {
  const routes = [{ path: "/" }, { path: "/images/:name/:ref" }, { path: "/learn/:rest*" }];
  const params = (path: string) => matchRoute(routes, path)?.params;
  expect(params("/")).toEqual({});
  expect(params("/images/team%2Fapp/1.2")).toEqual({ name: "team/app", ref: "1.2" });
  expect(params("/learn/a/b%20c")).toEqual({ rest: "a/b c" });
  expect(params("/images/x")).toBeUndefined();
  expect(params("/images/%E0%A4%A/1")).toEqual({ name: "%E0%A4%A", ref: "1" });
});
