import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";
import type { Keyword } from "../../src/dockerfile/keyword.ts";
import { parse } from "../../src/dockerfile/parse.ts";
import { flags, flagsOf } from "../../src/playground/editor/reference.ts";
import { tokenize } from "../../src/playground/editor/tokens.ts";

function described(text: string): string[] {
  return tokenize(text).tokens.map(({ from, to, kind }) => `${kind} ${text.slice(from, to)}`);
}

/** Pieces of valid and of invalid Dockerfiles. */
const piece = fc.constantFrom(
  "FROM ",
  "RUN ",
  "copy ",
  "ONBUILD ",
  "HEALTHCHECK ",
  "--mount=type=cache",
  "--",
  " AS x",
  "$V",
  "${V:-",
  "}",
  '"',
  "'",
  "\\",
  "\\\n",
  "`\n",
  "\n",
  "\r\n",
  "\t",
  " ",
  "#",
  "# escape=`\n",
  "# syntax=x\n",
  "<<EOF",
  "<<-'E'",
  "EOF\n",
  "E\n",
  '["a", ',
  "é",
  "😀",
  "\u2028",
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

describe("tokenize", () => {
  test("never fails; tokens are in order, apart from each other and in the text", () => {
    fc.assert(
      fc.property(text, (written) => {
        const { tokens, instructions } = tokenize(written);
        let end = 0;
        for (const { from, to } of tokens) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(to).toBeGreaterThan(from);
          end = to;
        }
        expect(end).toBeLessThanOrEqual(written.length);
        let line = 0;
        for (const { start, end: last } of instructions) {
          expect(start).toBeGreaterThan(line);
          expect(last).toBeGreaterThanOrEqual(start);
          line = last;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("finds the instructions that the parser finds", () => {
    fc.assert(
      fc.property(text, (written) => {
        let nodes: ReturnType<typeof parse>["nodes"];
        try {
          ({ nodes } = parse(written));
        } catch {
          return;
        }
        expect(tokenize(written).instructions.map(({ start, end }) => [start, end])).toEqual(
          nodes.map(({ lines }) => [lines.start, lines.end]),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["after ONBUILD", "ONBUILD RUN <<E\nFROM x\nE\n", [[1, 3]]],
    [
      "but not after two",
      "ONBUILD ONBUILD RUN <<E\nFROM x\n",
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      "nor in a JSON array",
      'RUN ["a", "<<E"]\nFROM x\n',
      [
        [1, 1],
        [2, 2],
      ],
    ],
  ])("finds here-documents %s", (_, written, lines) => {
    const found = (from: readonly { start: number; end: number }[]) =>
      from.map(({ start, end }) => [start, end]);
    expect(found(tokenize(written).instructions)).toEqual(lines);
    expect(found(parse(written).nodes.map((node) => node.lines))).toEqual(lines);
  });

  test("spans continued lines, with comments among them", () => {
    expect(described("RUN a \\\n # why\n  'b c' \\\n\n  $D\n# end")).toEqual([
      "keyword RUN",
      "escape \\",
      "comment # why",
      "string '",
      "string b c'",
      "escape \\",
      "variable $D",
      "comment # end",
    ]);
  });

  test("applies the escape directive", () => {
    expect(described("# escape=`\nRUN a `\n  \\b")).toEqual([
      "directive # escape=`",
      "keyword RUN",
      "escape `",
    ]);
  });

  test("knows the instruction after ONBUILD, and its flags", () => {
    expect(described("ONBUILD COPY --from=x a b")).toEqual([
      "keyword ONBUILD",
      "keyword COPY",
      "flag --from=",
    ]);
  });
});

/** A valid value for each flag that takes one. */
const values: Record<string, string> = {
  platform: "linux/amd64",
  from: "x",
  chown: "1:1",
  chmod: "0644",
  exclude: "*.md",
  checksum: `sha256:${"0".repeat(64)}`,
  mount: "type=cache,target=/x",
  network: "none",
  security: "sandbox",
  interval: "1s",
  timeout: "1s",
  "start-period": "1s",
  "start-interval": "1s",
  retries: "1",
};

test.each(Object.keys(flags) as Keyword[])(
  "%s accepts each flag that the editor offers for it",
  (keyword) => {
    const rest = { FROM: "scratch", COPY: "a b", ADD: "a b", RUN: "x", HEALTHCHECK: "CMD x" }[
      keyword as keyof typeof flags
    ];
    for (const [name, form] of Object.entries(flagsOf(keyword))) {
      const flag = form.includes("=") ? `--${name}=${values[name]}` : `--${name}`;
      const line = `${keyword} ${flag} ${rest}\n`;
      expect(() => readDockerfile(keyword === "FROM" ? line : `FROM scratch\n${line}`)).not.toThrow();
    }
  },
);
