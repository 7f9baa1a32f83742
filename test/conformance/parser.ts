import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Ast, AstNode, AstStatement } from "../../src/dockerfile/ast.ts";
import { DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import type { LineRange } from "../../src/dockerfile/instruction.ts";
import { parse } from "../../src/dockerfile/parse.ts";
import { quoteGo } from "../../src/dockerfile/quote.ts";
import { buildkitLines } from "./buildkit-lines.ts";
import { type Check, conformanceFolder, readCases, runChecks, type SetResult } from "./case-set.ts";

interface ExtraCase {
  name: string;
  dockerfile: string;
  expected?: { dump: string; escape: string; nodes: ExtraNode[]; warnings: string[] };
  error?: string;
  errorLines?: [number, number][];
}

interface ExtraNode {
  value: string;
  /** The only argument of ONBUILD is a node without lines. */
  args: (string | ExtraNode)[];
  original: string;
  startLine: number;
  endLine: number;
  json?: boolean;
  flags?: string[];
  heredocs?: { name: string; fd: number; expand: boolean; chomp: boolean; content: string }[];
  prevComment?: string[];
}

/** Compares how a Dockerfile is split into instructions with BuildKit's low-level parser. */
export async function parser(): Promise<SetResult> {
  const folder = resolve(conformanceFolder(), "parser");
  const read = (...path: string[]) => readFile(resolve(folder, ...path));
  const checks: [string, Check][] = [];
  for (const name of await readdir(resolve(folder, "testfiles"))) {
    const result = await read("testfiles", name, "result");
    const dockerfile = await read("testfiles", name, "Dockerfile");
    checks.push([`testfiles/${name}`, () => strictEqual(dump(parse(dockerfile)), result.toString().trim())]);
  }
  for (const name of await readdir(resolve(folder, "testfiles-negative"))) {
    const dockerfile = await read("testfiles-negative", name, "Dockerfile");
    checks.push([`testfiles-negative/${name}`, () => rejects(dockerfile)]);
  }
  const dockerfile = await read("testfile-line", "Dockerfile");
  checks.push([
    "testfile-line",
    () => {
      const lines = parse(dockerfile).nodes.map(({ lines }) => [lines.start, lines.end]);
      deepStrictEqual(lines, [
        [5, 5],
        [11, 12],
        [17, 31],
      ]);
    },
  ]);
  for (const given of await readCases<ExtraCase>("parser/extra.json"))
    checks.push([given.name, extra(given)]);
  return runChecks(checks);
}

function rejects(dockerfile: Uint8Array): void {
  let ast: Ast;
  try {
    ast = parse(dockerfile);
  } catch (error) {
    if (error instanceof DockerfileError) return;
    throw error;
  }
  throw new Error(`accepted: ${dump(ast)}`);
}

function extra(given: ExtraCase): Check {
  return () => {
    let ast: Ast;
    try {
      ast = parse(given.dockerfile);
    } catch (error) {
      if (!(error instanceof DockerfileError)) throw error;
      deepStrictEqual([error.message, buildkitLines(error.diagnostic)], [given.error, given.errorLines]);
      return;
    }
    const { nodes, escape: escapeCharacter, warnings } = ast;
    deepStrictEqual(
      {
        dump: dump(ast),
        escape: escapeCharacter,
        nodes: nodes.map(describe),
        warnings: warnings.map(({ original }) => `Empty continuation line found in: ${original}`),
      },
      given.expected,
    );
  };
}

function describe(node: AstNode): ExtraNode {
  return {
    ...describeStatement(node, node.lines),
    ...(node.heredocs.length > 0 && {
      heredocs: node.heredocs.map(({ fileDescriptor: fd, ...heredoc }) => ({ fd, ...heredoc })),
    }),
    ...(node.comments.length > 0 && { prevComment: [...node.comments] }),
  };
}

function describeStatement(statement: AstStatement, lines: LineRange): ExtraNode {
  const { keyword, original, trigger, args, json, flags } = statement;
  return {
    value: keyword,
    args: trigger ? [describeStatement(trigger, { start: 0, end: 0 })] : [...args],
    original,
    startLine: lines.start,
    endLine: lines.end,
    ...(json && { json: true }),
    ...(flags.length > 0 && { flags: [...flags] }),
  };
}

/** The s-expressions of BuildKit's test files. */
function dump(ast: Ast): string {
  return ast.nodes.map((node) => `(${dumpStatement(node)})`).join("\n");
}

function dumpStatement({ keyword, flags, args, trigger }: AstStatement): string {
  const parts = [keyword.toLowerCase()];
  if (flags.length > 0) parts.push(`[${flags.map(quoteGo).join(" ")}]`);
  parts.push(...(trigger ? [`(${dumpStatement(trigger)})`] : args.map(quoteGo)));
  return parts.join(" ");
}
