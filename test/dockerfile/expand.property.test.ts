// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are substitutions of a Dockerfile
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExpandError, expandWord, expandWords } from "../../src/dockerfile/expand.ts";

const nothing = { get: () => undefined, names: () => [] };
/** Texts in which special characters are frequent. */
const tricky = fc.string({ unit: fc.constantFrom(..."$${}:-+?#%/\\'\"`<ab1_ \t*é\u{1f600}"), maxLength: 60 });
const plain = fc
  .string({ unit: "binary" })
  .filter((text) => !/[$'"\\<\ufeff]/.test(text) && text.isWellFormed());

describe("expansion", () => {
  test("does not change a text without anything to expand", () => {
    fc.assert(fc.property(plain, (text) => expandWord(text, nothing).value === text));
  });

  test("inserts a value unchanged", () => {
    const variables = (value: string) => ({ get: () => value, names: () => ["A"] });
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(expandWord("${A}", variables(value)).value).toBe(value);
        expect(expandWords('"$A"', variables(value)).values).toEqual(value === "" ? [] : [value]);
      }),
    );
  });

  test("undoes single quotes and escapes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const withoutMark = text.replaceAll("'", "");
        expect(expandWord(`'${withoutMark}'`, nothing).value).toBe(withoutMark);
        const escaped = Array.from(text, (character) => `\\${character}`).join("");
        expect(expandWord(escaped, nothing).value).toBe(text);
      }),
    );
  });

  test("returns a text or throws an ExpandError for any input", () => {
    const variables = { get: (name: string) => (name === "a" ? "value" : undefined), names: () => ["a"] };
    fc.assert(
      fc.property(tricky, fc.constantFrom("\\", "`"), (text, escapeCharacter) => {
        try {
          const { value, matched, unmatched } = expandWord(text, variables, { escape: escapeCharacter });
          expect(typeof value).toBe("string");
          for (const name of matched) expect(unmatched).not.toContain(name);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpandError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("gives the same words as the one word when there is no white space", () => {
    fc.assert(
      fc.property(
        tricky.filter((text) => !/[\s<]/.test(text)),
        (text) => {
          let value: string;
          try {
            ({ value } = expandWord(text, nothing));
          } catch {
            return;
          }
          if (value !== "" && !/\s/.test(value)) expect(expandWords(text, nothing).values).toEqual([value]);
        },
      ),
    );
  });
});
