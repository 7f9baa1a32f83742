// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are substitutions of a Dockerfile
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ast, AstNode } from "../../src/dockerfile/ast.ts";
import { DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import { parse } from "../../src/dockerfile/parse.ts";

const utf8 = new TextEncoder();

/** The only instruction of a text. */
function only(text: string): AstNode {
  const { nodes } = parse(text);
  expect(nodes).toHaveLength(1);
  return nodes[0] as AstNode;
}

function fault(text: string | Uint8Array): DockerfileError["diagnostic"] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof DockerfileError) return error.diagnostic;
    throw error;
  }
  return expect.unreachable("accepted");
}

describe("lines", () => {
  test("are joined at their continuations, comments and empty lines among them dropped", () => {
    const { nodes, warnings } = parse("RUN a \\\n# x\n  b \\ \t\n\n\tc\nRUN d");
    expect(nodes.map(({ original, lines }) => [original, lines])).toEqual([
      ["RUN a   b \tc", { start: 1, end: 5 }],
      ["RUN d", { start: 6, end: 6 }],
    ]);
    expect(warnings).toEqual([{ original: "RUN a   b \tc", line: 5 }]);
  });

  test.each([
    ["RUN a\\\\\n", "RUN a\\\\"],
    ["RUN a\\", "RUN a"],
    ["RUN a\\ b", "RUN a\\ b"],
    ["\\\nRUN a", "RUN a"],
  ])("%j is one instruction", (text, original) => expect(only(text).original).toBe(original));

  test("may end in CR LF, but not in CR alone", () => {
    expect(only("RUN a \\\r\n b\r\n").args).toEqual(["a  b"]);
    expect(only("RUN a\rb").args).toEqual(["a\rb"]);
  });

  test("may be long, but not longer than 65535 bytes", () => {
    const longest = `RUN ${"é".repeat(32_765)}x`;
    expect(utf8.encode(longest)).toHaveLength(65_535);
    expect(only(`${longest}\n`).original).toBe(longest);
    expect(fault(`FROM a\n${longest}y\n`)).toMatchObject({
      code: "parse/line-too-long",
      lines: { start: 2, end: 2 },
    });
  });

  test("removes a byte order mark from the first one only", () => {
    expect(only("\ufeffRUN a").keyword).toBe("RUN");
    expect(only("\n\ufeffRUN a").keyword).toBe("\ufeffRUN");
  });

  test("have the position of their keyword", () => {
    expect(only("\t  RUN a").column).toBe(4);
  });
});

describe("comments", () => {
  test("belong to the next instruction, from the last empty comment on", () => {
    const { nodes } = parse("# a\n#\n# b\n#c\n\nRUN x\nRUN y");
    expect(nodes.map(({ comments }) => comments)).toEqual([["b", "c"], []]);
  });

  test("begin at the start of a line only", () => {
    expect(only("RUN a # b").args).toEqual(["a # b"]);
  });
});

describe("directives", () => {
  test.each([
    ["# escape=`", "`"],
    ["#  ESCAPE =  `  ", "`"],
    ["# syntax=x\n# escape=`", "`"],
    ["\n# escape=`", "\\"],
    ["# note\n# escape=`", "\\"],
    ["# unknown=x\n# escape=`", "\\"],
    ["RUN x\n# escape=`", "\\"],
  ])("%j", (text, expected) => expect(parse(`${text}\nRUN a`).escape).toBe(expected));

  test("are not comments of the first instruction", () => {
    expect(only("# syntax=x\n# about\nRUN a").comments).toEqual(["about"]);
  });

  test("must be valid", () => {
    expect(fault("# escape=x\nRUN a")).toMatchObject({
      code: "parse/directive",
      message: "invalid escape token 'x' does not match ` or \\",
      lines: { start: 1, end: 1 },
    });
    expect(fault("# check=skip=all\n# check=skip=all\nRUN a")).toMatchObject({
      message: "only one check parser directive can be used",
      lines: { start: 2, end: 2 },
    });
  });
});

describe("flags", () => {
  test.each([
    ["COPY --a --b=c d e", ["--a", "--b=c"], ["d", "e"]],
    [`COPY --a="b c" --d='e'f g`, ["--a=b c", "--d=ef"], ["g"]],
    ["COPY --a=b\\ c d", ["--a=b c"], ["d"]],
    ["COPY --a -- --b c", ["--a"], ["--b", "c"]],
    ["COPY a --b", [], ["a", "--b"]],
    ["COPY -a b", [], ["-a", "b"]],
    ["COPY --a", ["--a"], []],
  ])("%s", (text, flags, args) => expect(only(text)).toMatchObject({ flags, args }));
});

describe("arguments", () => {
  test.each([
    ["COPY a\u00a0b \t c", ["a\u00a0b", "c"]],
    ['COPY "a b" c', ['"a', 'b"', "c"]],
    ['COPY ["a b", "c"]', ["a b", "c"]],
    ["RUN  a   b ", ["a   b"]],
    ["RUN ['a']", ["['a']"]],
    ['RUN ["a"] x', ['["a"] x']],
    ["ENV a=b c='d e' f=g\\ h", ["a", "b", "=", "c", "'d e'", "=", "f", "g\\ h", "="]],
    ["ENV a b  c ", ["a", "b  c", ""]],
    ["LABEL a=b=c", ["a", "b=c", "="]],
    ["ARG a b=c", ["a", "b=c"]],
    ["WORKDIR a b", ["a b"]],
    ['HEALTHCHECK CMD ["a"]', ["CMD", "a"]],
    ["HEALTHCHECK  none", ["none"]],
    ["USER", []],
  ])("%s", (text, args) => expect(only(text).args).toEqual(args));

  test("in a JSON array must be strings", () => {
    expect(fault("FROM a\nCMD [1]")).toMatchObject({ code: "parse/json-array", lines: { start: 2, end: 2 } });
  });

  test("of ENV must have values", () => {
    expect(fault("ENV a").message).toBe("ENV must have two arguments");
    expect(fault("ENV a=b c").message).toBe(
      `Syntax error - can't find = in "c". Must be of the form: name=value`,
    );
  });

  test("of ONBUILD are an instruction", () => {
    expect(only("ONBUILD copy --a b c").trigger).toMatchObject({
      kind: "COPY",
      keyword: "copy",
      flags: ["--a"],
      args: ["b", "c"],
    });
  });
});

describe("here-documents", () => {
  test("follow in the order of their marks", () => {
    const { heredocs, lines } = only("RUN a <<A 3<<-'B'\nb\n\tB\nA\n\tc\n\tB\n");
    expect(heredocs).toEqual([
      { name: "A", fileDescriptor: 0, expand: true, chomp: false, content: "b\n\tB\n" },
      { name: "B", fileDescriptor: 3, expand: false, chomp: true, content: "\tc\n" },
    ]);
    expect(lines).toEqual({ start: 1, end: 6 });
  });

  test("keep comments, continuations and CR LF", () => {
    const [heredoc] = only("COPY <<A /b\r\n# c\\\r\n\\\nA\r\n").heredocs;
    expect(heredoc?.content).toBe("# c\\\r\n\\\n");
  });

  test.each([
    ["RUN <<A", true],
    ["ADD <<A /b", true],
    ["ONBUILD COPY <<A /b", true],
    ["RUN << A", true],
    ["RUN <<<A", false],
    ['RUN "<<A"', false],
    ['RUN ["<<A"]', false],
    ["CMD <<A", false],
    ["RUN it's <<A", false],
  ])("%s: %s", (text, isHeredoc) => {
    expect(parse(`${text}\nA\n`).nodes).toHaveLength(isHeredoc ? 1 : 2);
  });

  test("must end", () => {
    expect(fault("FROM a\nRUN <<A\nb\n A\n")).toMatchObject({
      code: "parse/unterminated-heredoc",
      message: "unterminated heredoc",
      lines: { start: 2, end: 4 },
    });
  });
});

describe("invalid Dockerfiles", () => {
  test.each(["", "\n", "# only\n# comments\n"])("%j has no instructions", (text) => {
    expect(fault(text)).toMatchObject({ code: "parse/empty", message: "file with no instructions" });
  });

  test("may not be larger than 4 MiB", () => {
    expect(fault(new Uint8Array((4 << 20) + 1)).code).toBe("parse/too-large");
  });
});

describe("any text", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...[
        "FROM a\n",
        "RUN ",
        "COPY ",
        "ENV ",
        "ONBUILD ",
        "HEALTHCHECK CMD ",
        "<<A ",
        "<<-'B'\n",
        "A\n",
        "\tB\n",
      ],
      ...[
        "\\\n",
        "`\n",
        "\n",
        "\r\n",
        "# escape=`\n",
        "# ",
        "--flag=",
        '["a", ',
        '"]',
        "[",
        "'",
        '"',
        "${",
        "=",
        " ",
      ],
    ),
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

  function attempt(input: string | Uint8Array): Ast | undefined {
    try {
      return parse(input);
    } catch (error) {
      expect(error).toBeInstanceOf(DockerfileError);
      return undefined;
    }
  }

  test("is split, or rejected with a DockerfileError", () => {
    fc.assert(
      fc.property(text, (input) => void attempt(input)),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (input) => void attempt(input)));
  });

  test("is split into consecutive instructions", () => {
    fc.assert(
      fc.property(text, (input) => {
        let last = 0;
        for (const { lines, original } of attempt(input)?.nodes ?? []) {
          expect(lines.start).toBeGreaterThan(last);
          expect(lines.end).toBeGreaterThanOrEqual(lines.start);
          expect(original).not.toContain("\n");
          last = lines.end;
        }
        expect(last).toBeLessThanOrEqual(input.split("\n").length);
      }),
      { numRuns: 1000 },
    );
  });

  test("is parsed equally as text and as bytes", () => {
    fc.assert(
      fc.property(
        text.filter((input) => input.isWellFormed()),
        (input) => {
          expect(attempt(utf8.encode(input))).toEqual(attempt(input));
        },
      ),
    );
  });

  /** Each would take minutes if any step were quadratic in its length. */
  const size = 1 << 20;
  const wrapped = (body: string) => body.replace(/.{60000}/gs, "$&\\\n");
  test.each([
    ["blanks", `RUN ${wrapped(" ".repeat(size))}x`],
    ["empty continuations", `RUN a \\\n${"\n".repeat(size)}b`],
    ["quotes", `ENV a=${wrapped(`'"`.repeat(size / 2))}`],
    ["flags", `COPY ${wrapped("--a=b ".repeat(size / 6))}`],
    ["pairs", `ENV ${wrapped("a=b ".repeat(size / 4))}`],
    ["marks of here-documents", `RUN ${wrapped("<<A ".repeat(size / 4))}\n`],
    ["nested triggers", wrapped("ONBUILD ".repeat(size / 8))],
    ["nested arrays", `CMD ${wrapped("[".repeat(size))}`],
    ["nested substitutions", `RUN <<A ${wrapped("${a:-".repeat(size / 5))}`],
    ["tabs", `RUN <<-A\n${`${"\t".repeat(60_000)}\n`.repeat(17)}A\n`],
  ])("of a megabyte of %s takes little time", (_, input) => {
    const start = Date.now();
    attempt(input);
    expect(Date.now() - start).toBeLessThan(15_000);
  });
});
