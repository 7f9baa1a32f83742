import { trim, trimStart } from "../streams/white-space.ts";
import { Fault } from "./fault.ts";

/** Parser directives: comments of the form `# key=value` at the very top of a Dockerfile. */
type DirectiveName = "syntax" | "escape" | "check";

interface Directive {
  name: DirectiveName;
  /** The text after `=`, trimmed. */
  value: string;
}

const names: ReadonlySet<string> = new Set<DirectiveName>(["syntax", "escape", "check"]);
/** Only ASCII blanks are allowed before the sign. */
const form = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=(.*)$/s;

/** Parses the text of a comment as `key=value` with a known key; undefined for an ordinary comment. */
export function readDirective(text: string): Directive | undefined {
  const match = form.exec(trimStart(text));
  const name = match?.[1]?.toLowerCase();
  const written = match?.[2] ?? "";
  // Only blanks is a value too, so `# escape= ` is an error rather than a comment.
  const value = trim(written) || written.slice(-1);
  if (name === undefined || !names.has(name) || value === "") return undefined;
  return { name: name as DirectiveName, value };
}

/**
 * Reads directives from the first lines of a text. The first line that is not a directive ends them: an empty line, an
 * ordinary comment, or an unknown key.
 */
export class DirectiveReader {
  readonly #seen = new Set<DirectiveName>();
  #done = false;

  /** Whether no further line can be a directive. */
  get isDone(): boolean {
    return this.#done;
  }

  /** The directive on this line. @throws {Fault} for a duplicate */
  read(line: string): Directive | undefined {
    if (this.#done) return undefined;
    const directive = line.startsWith("#") ? readDirective(line.slice(1)) : undefined;
    if (directive === undefined) {
      this.#done = true;
      return undefined;
    }
    if (this.#seen.has(directive.name)) {
      throw new Fault("parse/directive", `only one ${directive.name} parser directive can be used`);
    }
    this.#seen.add(directive.name);
    return directive;
  }
}

/** The value of the `check` directive of a text, without parsing the rest; skips a `#!` line before it. */
export function findCheck(text: string): string | undefined {
  const reader = new DirectiveReader();
  let rest = withoutPreamble(text);
  while (rest !== "") {
    const length = lineLength(rest);
    let directive: Directive | undefined;
    try {
      directive = reader.read(rest.slice(0, length).replace(/\r?\n$/, ""));
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
    if (directive === undefined) return undefined;
    if (directive.name === "check") return directive.value;
    rest = rest.slice(length);
  }
  return undefined;
}

/** The text without a leading byte order mark. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** The text after a byte order mark and a `#!` line. */
function withoutPreamble(text: string): string {
  const body = withoutByteOrderMark(text);
  return body.startsWith("#!") ? body.slice(lineLength(body)) : body;
}

function lineLength(text: string): number {
  const feed = text.indexOf("\n");
  return feed === -1 ? text.length : feed + 1;
}
