import { inTurns } from "./turns.ts";

/** Deepest accepted nesting of objects and lists. Real documents have fewer than ten levels. */
const MAX_DEPTH = 100;
/** Maximum number of members of a large object. An object of a million members stops everything else while it grows. */
const MAX_MEMBERS = 250_000;
/** Characters parsed without a pause: about a millisecond. */
const PIECE = 64 * 1024;
/** Cost of parsing and scanning a character. */
const PARSING = 8;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * `JSON.parse` for untrusted texts. Limits nesting to a hundred levels, because deeply nested lists need a hundred
 * times the memory of their text.
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw tooDeep();
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return JSON.parse(text);
}

/** Like `parseJson`, for texts of megabytes: parses lists and objects in pieces, with pauses in between. */
export function parseLargeJson(text: string): Promise<unknown> {
  return inTurns(parsePieces(text, 0));
}

function* parsePieces(text: string, depth: number): Generator<number, unknown, undefined> {
  const start = text.search(/[^ \t\n\r]/);
  const first = text.charCodeAt(start);
  if (text.length <= PIECE || (first !== OPEN_LIST && first !== OPEN_OBJECT)) {
    yield PARSING * text.length;
    return parseJson(text);
  }
  if (depth > MAX_DEPTH) throw tooDeep();
  return first === OPEN_LIST
    ? yield* parseList(text, start + 1, depth)
    : yield* parseObject(text, start + 1, depth);
}

function* parseList(text: string, start: number, depth: number): Generator<number, unknown[], undefined> {
  const list: unknown[] = [];
  for (let from = start; ; ) {
    // As many items as fit in a piece; a single item may be larger.
    let end = from;
    let to = from;
    do {
      end = yield* endOfItem(text, to);
      to = end + 1;
    } while (text.charCodeAt(end) === COMMA && end - from < PIECE);
    const items = text.slice(from, end);
    if (items.length <= 2 * PIECE) {
      yield PARSING * items.length;
      const parsed = parseJson(`[${items}]`) as unknown[];
      const isEmpty = parsed.length === 0;
      if (isEmpty && (from !== start || text.charCodeAt(end) === COMMA)) throw unexpectedError(text, end);
      for (const item of parsed) list.push(item);
    } else {
      list.push(yield* parsePieces(items, depth + 1));
    }
    from = end + 1;
    if (text.charCodeAt(end) === COMMA) continue;
    if (text.charCodeAt(end) !== CLOSE_LIST) throw unexpectedError(text, end);
    requireEnd(text, end + 1);
    return list;
  }
}

function* parseObject(text: string, start: number, depth: number): Generator<number, object, undefined> {
  const object = {};
  let members = 0;
  for (let from = start; ; ) {
    if (++members > MAX_MEMBERS) throw new SyntaxError(`An object has more than ${MAX_MEMBERS} members`);
    const end = yield* endOfItem(text, from);
    const member = text.slice(from, end);
    if (member.length <= PIECE) {
      yield PARSING * member.length;
      const parsed = parseJson(`{${member}}`) as Record<string, unknown>;
      const names = Object.keys(parsed);
      const isEmpty = names.length === 0;
      if (isEmpty && (from !== start || text.charCodeAt(end) === COMMA)) throw unexpectedError(text, end);
      for (const name of names) define(object, name, parsed[name]);
    } else {
      const quote = member.search(/[^ \t\n\r]/);
      if (member.charCodeAt(quote) !== QUOTE) throw unexpectedError(text, from + quote);
      const nameEnd = endOfString(member, quote) + 1;
      const colon = nameEnd + member.slice(nameEnd).search(/[^ \t\n\r]/);
      if (member.charCodeAt(colon) !== COLON) throw unexpectedError(text, from + colon);
      const name = JSON.parse(member.slice(quote, nameEnd)) as string;
      define(object, name, yield* parsePieces(member.slice(colon + 1), depth + 1));
    }
    from = end + 1;
    if (text.charCodeAt(end) === COMMA) continue;
    if (text.charCodeAt(end) !== CLOSE_OBJECT) throw unexpectedError(text, end);
    requireEnd(text, end + 1);
    return object;
  }
}

/** Like `JSON.parse`, treats `__proto__` as an ordinary name. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Position of the comma or bracket that ends an item of a list or object; the end of the text when there is none. */
function* endOfItem(text: string, start: number): Generator<number, number, undefined> {
  let depth = 0;
  let reported = start;
  for (let at = start; at < text.length; at++) {
    if (at - reported > PIECE) {
      yield at - reported;
      reported = at;
    }
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw tooDeep();
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) {
      if (depth-- === 0) return at;
    } else if (code === COMMA && depth === 0) return at;
  }
  return text.length;
}

/** Position of the quote that ends a string; the end of the text when there is none. */
function endOfString(text: string, quote: number): number {
  for (let at = text.indexOf('"', quote + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

function requireEnd(text: string, at: number): void {
  const rest = text.slice(at).search(/[^ \t\n\r]/);
  if (rest >= 0) throw unexpectedError(text, at + rest);
}

function unexpectedError(text: string, at: number): SyntaxError {
  const found = text[at];
  return new SyntaxError(
    found === undefined
      ? "Unexpected end of JSON input"
      : `Unexpected token ${JSON.stringify(found)} at position ${at} of JSON input`,
  );
}

function tooDeep(): SyntaxError {
  return new SyntaxError(`JSON has more than ${MAX_DEPTH} lists and objects within each other`);
}
