/** A template is invalid, or cannot be evaluated for a value. */
export class TemplateError extends Error {
  override name = "TemplateError";
}

export type TemplateNode =
  | { kind: "text"; text: string }
  | { kind: "print"; pipeline: Pipeline }
  | {
      kind: "if" | "range" | "with";
      pipeline: Pipeline;
      then: readonly TemplateNode[];
      otherwise: readonly TemplateNode[];
    };

/** Commands; each receives the result of the one before. */
export type Pipeline = readonly TemplateCommand[];
export type TemplateCommand = readonly [Operand, ...Operand[]];
export type Operand =
  | { kind: "value"; value: unknown }
  | { kind: "function"; name: string }
  /** `.A.B`, or `$.A.B` of the value that the template is for. */
  | { kind: "field"; isRoot: boolean; path: readonly string[] }
  | { kind: "pipeline"; pipeline: Pipeline; path: readonly string[] };

const MAX_DEPTH = 50;
const KEYWORDS: ReadonlySet<string> = new Set(["if", "range", "with", "else", "end"]);
const UNSUPPORTED: ReadonlySet<string> = new Set(["define", "template", "block", "break", "continue"]);

/** Text, then an action with its trim markers, which remove the white space beside it. */
type Piece = { text: string } | { action: string };

/** @throws {TemplateError} */
export function parseFormat(text: string): readonly TemplateNode[] {
  const pieces = splitPieces(text);
  const parser = new Parser(pieces);
  const { nodes, end } = parser.list(0);
  if (end !== undefined) throw new TemplateError(`unexpected {{${end}}}`);
  return nodes;
}

function splitPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trims = false;
  while (at < text.length) {
    const open = text.indexOf("{{", at);
    const isLast = open < 0;
    let plain = text.slice(at, isLast ? undefined : open);
    if (trims) plain = plain.trimStart();
    if (!isLast && /^\{\{-\s/.test(text.slice(open, open + 4))) plain = plain.trimEnd();
    if (plain !== "") pieces.push({ text: plain });
    if (isLast) break;
    const close = actionEnd(text, open + 2);
    let action = text.slice(open + 2, close);
    trims = /\s-$/.test(action);
    action = action.replace(/^-(?=\s)/, "").replace(/\s-$/, "");
    pieces.push({ action: action.trim() });
    at = close + 2;
  }
  return pieces;
}

/** Position of the `}}` that ends an action; a string may contain another one. */
function actionEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === "}" && text[at + 1] === "}") return at;
    if (char !== '"' && char !== "`") continue;
    for (at++; at < text.length && text[at] !== char; at++) if (char === '"' && text[at] === "\\") at++;
  }
  throw new TemplateError("unclosed action");
}

class Parser {
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Nodes up to `else` or `end`, which is returned. */
  list(depth: number): { nodes: readonly TemplateNode[]; end: string | undefined } {
    if (depth > MAX_DEPTH) throw new TemplateError(`more than ${MAX_DEPTH} nested actions`);
    const nodes: TemplateNode[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++] as Piece;
      if ("text" in piece) {
        nodes.push({ kind: "text", text: piece.text });
        continue;
      }
      const { action } = piece;
      const [word = ""] = /^[a-z]+(?![\w.])/.exec(action) ?? [];
      if (/^\/\*.*\*\/$/s.test(action)) continue;
      if (UNSUPPORTED.has(word)) throw new TemplateError(`{{${word}}} is not supported`);
      if (word === "else" || word === "end") return { nodes, end: action };
      if (!KEYWORDS.has(word)) nodes.push({ kind: "print", pipeline: parsePipeline(action) });
      else nodes.push(this.#branch(word as "if" | "range" | "with", action.slice(word.length), depth));
    }
    return { nodes, end: undefined };
  }

  #branch(kind: "if" | "range" | "with", condition: string, depth: number): TemplateNode {
    const pipeline = parsePipeline(condition);
    const { nodes: then, end } = this.list(depth + 1);
    if (end === "end") return { kind, pipeline, then, otherwise: [] };
    const [, rest] = /^else(?:\s+if\s+(.+))?$/s.exec(end ?? "") ?? [];
    if (end === undefined || !end.startsWith("else")) throw new TemplateError(`{{${kind}}} has no {{end}}`);
    if (rest !== undefined) return { kind, pipeline, then, otherwise: [this.#branch("if", rest, depth + 1)] };
    const last = this.list(depth + 1);
    if (last.end !== "end") throw new TemplateError(`{{${kind}}} has no {{end}}`);
    return { kind, pipeline, then, otherwise: last.nodes };
  }
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+(?:\.\d+)?)|(\$?(?:\.[A-Za-z_]\w*)+|\$?\.|\$)|([A-Za-z_]\w*)|([|()]))/y;

type Token =
  | { kind: "operand"; operand: Operand }
  | { kind: "symbol"; symbol: string; path?: readonly string[] };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new TemplateError(`unexpected ${JSON.stringify(text.slice(at).trim())}`);
    const [, quoted, raw, number, field, name, symbol] = match;
    const value = (value: unknown) => tokens.push({ kind: "operand", operand: { kind: "value", value } });
    if (quoted !== undefined) value(unquote(quoted));
    else if (raw !== undefined) value(raw);
    else if (number !== undefined) value(Number(number));
    else if (field !== undefined) {
      const path = field.replace("$", "").split(".").filter(Boolean);
      const isAfterGroup = text[at] === "." && text[at - 1] === ")";
      const last = tokens.at(-1);
      if (isAfterGroup && last?.kind === "symbol") last.path = path;
      else tokens.push({ kind: "operand", operand: { kind: "field", isRoot: field.startsWith("$"), path } });
    } else if (name === "true" || name === "false") value(name === "true");
    else if (name === "nil") value(null);
    else if (name !== undefined) tokens.push({ kind: "operand", operand: { kind: "function", name } });
    else tokens.push({ kind: "symbol", symbol: symbol as string });
  }
  return tokens;
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new TemplateError(`invalid string ${text}`);
  }
}

function parsePipeline(text: string): Pipeline {
  const tokens = tokensOf(text);
  let next = 0;
  const read = (depth: number): Pipeline => {
    if (depth > MAX_DEPTH) throw new TemplateError(`more than ${MAX_DEPTH} nested parentheses`);
    const commands: TemplateCommand[] = [];
    let operands: Operand[] = [];
    const finish = () => {
      const [first, ...rest] = operands;
      if (first === undefined) throw new TemplateError(`missing value in {{${text.trim()}}}`);
      commands.push([first, ...rest]);
      operands = [];
    };
    for (; next < tokens.length; next++) {
      const token = tokens[next] as Token;
      if (token.kind === "operand") operands.push(token.operand);
      else if (token.symbol === "|") finish();
      else if (token.symbol === ")") break;
      else {
        next++;
        const pipeline = read(depth + 1);
        const close = tokens[next];
        if (close?.kind !== "symbol") throw new TemplateError(`unclosed parenthesis in {{${text.trim()}}}`);
        operands.push({ kind: "pipeline", pipeline, path: close.path ?? [] });
      }
    }
    finish();
    return commands;
  };
  const pipeline = read(0);
  if (next < tokens.length) throw new TemplateError(`unexpected ")" in {{${text.trim()}}}`);
  return pipeline;
}
