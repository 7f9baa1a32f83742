// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are substitutions of a Dockerfile
import { describe, expect, test } from "vitest";
import { ExpandError, type ExpandOptions, expandWord, expandWords } from "../../src/dockerfile/expand.ts";

const values: Record<string, string> = {
  NAME: "varve",
  EMPTY: "",
  SPACED: "a  b",
  FILE: "archive.tar.gz",
  PATH: "/usr/local/bin",
  QUOTED: `"$NAME"`,
};
const variables = {
  get: (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined),
  names: () => Object.keys(values),
};

function word(text: string, options?: ExpandOptions): string {
  return expandWord(text, variables, options).value;
}

describe("a word", () => {
  test.each([
    ["plain", "plain"],
    ["$NAME", "varve"],
    ["${NAME}s", "varves"],
    ["$NAMEs", ""],
    ["$", "$"],
    ["a$/b", "a$/b"],
    ["\\$NAME", "$NAME"],
    ["'$NAME'", "$NAME"],
    ['"$NAME"', "varve"],
    ['"\\$NAME \\n \\" \\\\"', '$NAME \\n " \\'],
    ["a\\ b\\", "a b"],
    ["$SPACED", "a  b"],
    ["$QUOTED", '"$NAME"'],
    ["$1$@$?$$", ""],
  ])("%s", (text, expected) => expect(word(text)).toBe(expected));

  test.each([
    ["${UNSET:-x}", "x"],
    ["${UNSET-x}", "x"],
    ["${EMPTY:-x}", "x"],
    ["${EMPTY-x}", ""],
    ["${NAME:+x}", "x"],
    ["${EMPTY:+x}", ""],
    ["${EMPTY+x}", "x"],
    ["${UNSET+x}", ""],
    ["${NAME:?gone}", "varve"],
    ["${EMPTY?gone}", ""],
    ["${UNSET:-${EMPTY:-$NAME}}", "varve"],
    ["${UNSET:-'}'}", "}"],
    ['${UNSET:-"a b"}', "a b"],
  ])("%s has a fallback", (text, expected) => expect(word(text)).toBe(expected));

  test.each([
    ["${FILE#*.}", "tar.gz"],
    ["${FILE##*.}", "gz"],
    ["${FILE%.*}", "archive.tar"],
    ["${FILE%%.*}", "archive"],
    ["${FILE#x}", "archive.tar.gz"],
    ["${FILE%?}", "archive.tar.g"],
    ["${FILE/a/A}", "Archive.tar.gz"],
    ["${FILE//a/A}", "Archive.tAr.gz"],
    ["${FILE/.*/}", "archive"],
    ["${PATH//\\//:}", ":usr:local:bin"],
    ["${FILE//[a]/x}", "archive.tar.gz"],
    ["${FILE//\\?/x}", "archive.tar.gz"],
    ["${FILE/$NAME/x}", "archive.tar.gz"],
    ["${UNSET#a}", ""],
    ["${NAME//?/$0-}", "-----"],
  ])("%s is cut or replaced", (text, expected) => expect(word(text)).toBe(expected));

  test.each([
    ["'open", "unexpected end of statement while looking for matching single-quote"],
    ['"open', "unexpected end of statement while looking for matching double-quote"],
    ["${}", "syntax error: bad substitution"],
    ["${NAME:-x", "syntax error: missing '}'"],
    ["${NAME/x}", "syntax error: missing '/' in ${}"],
    ["${NAME:=x}", "unsupported modifier (:=) in substitution"],
    ["${NAME^^}", "unsupported modifier (^) in substitution"],
    ["${UNSET?}", "UNSET: is not allowed to be unset"],
    ["${EMPTY:?}", "EMPTY: is not allowed to be empty"],
    ["${EMPTY:?set $NAME}", "EMPTY: set varve"],
    ["${NAME#\\a}", "invalid pattern (\\a) in substitution: invalid escape '\\a'"],
  ])("%s is rejected", (text, reason) => {
    expect(() => word(text)).toThrow(new ExpandError(`failed to process ${JSON.stringify(text)}: ${reason}`));
  });

  test("reports the names that were set and those that were not", () => {
    const { matched, unmatched } = expandWord("$NAME ${UNSET:-$OTHER} '$QUIET' $EMPTY", variables);
    expect([...matched]).toEqual(["NAME", "EMPTY"]);
    expect([...unmatched]).toEqual(["OTHER", "UNSET"]);
  });

  test("with a backtick as escape character leaves backslashes alone", () => {
    expect(word('C:\\dir\\$NAME`$NAME "`""', { escape: "`" })).toBe('C:\\dir\\varve$NAME "');
  });

  test("of a here-document keeps its quotes", () => {
    expect(word(`it's "$NAME" \\$NAME\n`, { quotes: "literal" })).toBe(`it's "varve" $NAME\n`);
  });

  test("names may have letters of any script", () => {
    expect(word("$ключ", { keepUnset: true })).toBe("$ключ");
    expect([...expandWord("$ключ.x", variables).unmatched]).toEqual(["ключ"]);
  });
});

describe("words", () => {
  test.each([
    ["  a   b ", ["a", "b"]],
    ["$SPACED", ["a", "b"]],
    ['"$SPACED" c', ["a  b", "c"]],
    ["a\\ b c", ["a b", "c"]],
    ["x${UNSET}y $UNSET z", ["xy", "z"]],
    ["80${UNSET:-80}", ["8080"]],
    ["<< EOF <b", ["<< EOF", "<b"]],
    ["", []],
  ])("%s", (text, expected) => expect(expandWords(text, variables).values).toEqual(expected));
});

describe("hostile words", () => {
  test("cannot nest substitutions above a limit", () => {
    expect(word(`${"${UNSET:-".repeat(60)}x${"}".repeat(60)}`)).toBe("x");
    expect(() => word("${UNSET:-".repeat(50_000))).toThrow("nested deeper than 64");
  });

  test("cannot expand above a limit", () => {
    const long = { get: () => "x".repeat(1 << 16), names: () => [] };
    expect(() => expandWord("$A".repeat(1000), long)).toThrow("longer than");
  });

  test("matches patterns in bounded time", () => {
    const value = { get: () => "a".repeat(200_000), names: () => [] };
    expect(() => expandWord("${A//a*a*a*a*b/x}", value)).toThrow("takes too long");
    expect(expandWord("${A##*a*a*a*a*a}", value).value).toBe("");
  });

  test("are quoted in short in an error", () => {
    try {
      word(`'${"x".repeat(100_000)}`);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(3000);
    }
  });
});
