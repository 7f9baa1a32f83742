import { atOnce } from "../streams/turns.ts";
import type { AstNode } from "./ast.ts";
import { type Diagnostic, DockerfileError } from "./diagnostic.ts";
import { findCheck } from "./directives.ts";
import { Fault } from "./fault.ts";
import { faultError } from "./fault-error.ts";
import type {
  ArgInstruction,
  Dockerfile,
  Instruction,
  LineRange,
  Stage,
  StageInstruction,
} from "./instruction.ts";
import { readNode } from "./instructions/read.ts";
import { readCheckOptions } from "./lint/check-directive.ts";
import { Linter } from "./lint/linter.ts";
import { lintNode, lintStages } from "./lint/syntax.ts";
import { decode, parse, parseInPieces } from "./parse.ts";

/** Options for reading a Dockerfile. */
interface ReadDockerfileOptions {
  /** Replaces the `check` directive: the build argument BUILDKIT_DOCKERFILE_CHECK. */
  check?: string | undefined;
}

/** A parsed Dockerfile with findings. */
export interface ReadResult {
  dockerfile: Dockerfile;
  /** Findings of the lint rules that depend only on the text, for all stages. */
  diagnostics: readonly Diagnostic[];
  /** Collects further findings of a build; applies the `check` directive and already contains {@link diagnostics}. */
  linter: Linter;
}

const wholeFile: LineRange = { start: 0, end: 0 };

/**
 * Parses a Dockerfile into stages of typed instructions, without expansion.
 * @throws {DockerfileError} with the findings about the lines before it
 */
export function readDockerfile(text: string | Uint8Array, options: ReadDockerfileOptions = {}): ReadResult {
  return atOnce(readDockerfileInPieces(text, options));
}

/** Like `readDockerfile`, but works in pieces: see `inTurns`. */
export function* readDockerfileInPieces(
  text: string | Uint8Array,
  options: ReadDockerfileOptions = {},
): Generator<number, ReadResult, undefined> {
  const source = decode(text);
  if (source === "") throw faultError(new Fault("parse/empty", "the Dockerfile cannot be empty"), wholeFile);
  const linter = linterFor(options.check ?? findCheck(source)?.split(" ", 1)[0] ?? "");
  const { nodes, escape: escapeCharacter, warnings } = yield* parseInPieces(source);
  for (const { line } of warnings) linter.warn("NoEmptyContinuation", { start: line, end: line });

  const { globalArgs, stages } = yield* gatherStages(nodes, linter);
  if (stages.length === 0) {
    const fault = new Fault("parse/no-stage", "dockerfile contains no stages to build");
    throw faultError(fault, wholeFile, { warnings: linter.diagnostics });
  }
  lintStages(stages, linter);
  return {
    dockerfile: { globalArgs, stages, escape: escapeCharacter },
    diagnostics: [...linter.diagnostics],
    linter,
  };
}

/**
 * Parses a single instruction: an ONBUILD trigger. As in BuildKit, its escape character is always `\`. `lines` is the
 * position for errors: the FROM that the trigger comes from.
 * @throws {DockerfileError}
 */
export function readInstruction(text: string, lines: LineRange): Instruction {
  let nodes: readonly AstNode[];
  try {
    nodes = parse(text).nodes;
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    throw new DockerfileError({ ...error.diagnostic, lines });
  }
  const [node] = nodes;
  if (node === undefined || nodes.length > 1) {
    throw faultError(new Fault("parse/onbuild", "onbuild trigger should be a single expression"), lines);
  }
  try {
    return readNode({ ...node, lines });
  } catch (error) {
    if (error instanceof Fault) throw faultError(error, lines);
    throw error;
  }
}

/** Cost of reading an instruction, besides its characters. */
const INSTRUCTION = 4096;

function* gatherStages(
  nodes: readonly AstNode[],
  linter: Linter,
): Generator<number, Pick<Dockerfile, "globalArgs" | "stages">, undefined> {
  const globalArgs: ArgInstruction[] = [];
  const stages: (Stage & { instructions: StageInstruction[] })[] = [];
  for (const node of nodes) {
    yield INSTRUCTION + 16 * node.original.length;
    const instruction = readLinted(node, linter);
    const stage = stages.at(-1);
    if (instruction.kind === "FROM") {
      stages.push({ from: instruction, instructions: [] });
    } else if (stage !== undefined) {
      stage.instructions.push(instruction);
    } else if (instruction.kind === "ARG") {
      globalArgs.push(instruction);
    } else {
      const fault = new Fault("parse/no-stage", "no build stage in current context");
      throw faultError(fault, node.lines, { column: node.column, warnings: linter.diagnostics });
    }
  }
  return { globalArgs, stages };
}

function readLinted(node: AstNode, linter: Linter): Instruction {
  try {
    return lintNode(node, () => readNode(node), linter.above(node.comments));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw faultError(error, node.lines, {
      message: `dockerfile parse error on line ${node.lines.start}: ${error.message}`,
      column: columnOf(node, error.word),
      warnings: linter.diagnostics,
    });
  }
}

/** Column of a word in the first line of an instruction; that of the instruction when the word is not there. */
function columnOf({ original, column, firstLineLength }: AstNode, word: string | undefined): number {
  const at = word === undefined ? -1 : original.indexOf(word);
  return at === -1 || at >= firstLineLength ? column : column + at;
}

function linterFor(check: string): Linter {
  try {
    return new Linter(readCheckOptions(check));
  } catch (error) {
    if (error instanceof Fault) throw faultError(error, wholeFile);
    throw error;
  }
}
