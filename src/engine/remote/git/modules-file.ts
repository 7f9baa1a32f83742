import { trimEnd } from "../../../streams/trim-end.ts";
import { maskUrl } from "../../url-credentials.ts";
import { GitError } from "./git-error.ts";

/** A submodule. */
interface ModuleDeclaration {
  /** Its path in the checkout. */
  path: string;
  /** As written: absolute, or relative to the remote of the containing repository. */
  url: string;
  /** Whether it has `update = none`. */
  skipped: boolean;
}

interface Section {
  path?: string;
  url?: string;
  update?: string;
}

const MAX_LINES = 20_000;
/** Cost of reading a character. */
const LETTER = 32;

/**
 * The submodules that a `.gitmodules` file declares (gitmodules(5)), by path. The file has the syntax of git's settings
 * (git-config(1), "Syntax"). Works in pieces: see `inTurns`.
 * @throws {GitError} for an invalid line
 */
export function* readModulesFile(text: string): Generator<number, Map<string, ModuleDeclaration>, undefined> {
  const sections = new Map<string, Section>();
  let section: Section | undefined;
  yield LETTER * text.length;
  const lines = joinLines(text);
  if (lines.length > MAX_LINES) throw corruptError("it has too many lines");
  for (let line of lines) {
    yield LETTER * line.length;
    line = line.trim();
    const header = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/.exec(line);
    if (header !== null) {
      const [whole, keyword = "", name] = header;
      section = undefined;
      if (keyword.toLowerCase() === "submodule" && name !== undefined) {
        section = sections.get(name) ?? {};
        sections.set(name, section);
      }
      line = line.slice(whole.length).trim();
    }
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const setting = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=(.*))?$/s.exec(line);
    if (setting === null) throw corruptError(`${JSON.stringify(line.slice(0, 100))} is not a setting`);
    const key = (setting[1] as string).toLowerCase();
    if (section !== undefined && (key === "path" || key === "url" || key === "update"))
      section[key] = readValue(setting[2] ?? "");
  }
  const modules = new Map<string, ModuleDeclaration>();
  for (const { path, url, update } of sections.values()) {
    if (path === undefined || url === undefined) continue;
    modules.set(trimEnd(path, "/"), { path, url, skipped: update === "none" });
  }
  return modules;
}

/** Joins lines that end with a backslash to the next one. */
function joinLines(text: string): string[] {
  const lines: string[] = [];
  let open = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const continues = /(?<!\\)(?:\\\\)*\\$/.test(line);
    const part = continues ? line.slice(0, -1) : line;
    if (open) lines[lines.length - 1] += part;
    else lines.push(part);
    open = continues;
  }
  return lines;
}

/** A value without its quotes, escapes and comment. */
function readValue(written: string): string {
  let value = "";
  let quoted = false;
  let end = 0;
  const text = written.trimStart();
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      quoted = !quoted;
      end = value.length;
    } else if (character === "\\") {
      at += 1;
      const escaped = { n: "\n", t: "\t", b: "\b", '"': '"', "\\": "\\" }[text.charAt(at)];
      if (escaped === undefined)
        throw corruptError(`${JSON.stringify(written.slice(0, 100))} has an unknown escape`);
      value += escaped;
      end = value.length;
    } else if (!quoted && (character === "#" || character === ";")) break;
    else {
      value += character;
      // Trailing spaces are dropped unless quoted.
      if (quoted || !/\s/.test(character)) end = value.length;
    }
  }
  if (quoted) throw corruptError(`${JSON.stringify(written.slice(0, 100))} has a quote that does not end`);
  return value.slice(0, end);
}

/**
 * Resolves the URL of a submodule. One that begins with `./` or `../` is relative to the remote of the containing
 * repository (git-submodule(1), "add").
 * @throws {GitError} when it leaves the remote's host
 */
export function moduleUrl(declared: string, remote: string): string {
  if (!/^\.\.?(?:\/|$)/.test(declared)) return declared;
  let base = trimEnd(remote, "/");
  let rest = declared;
  for (;;) {
    if (rest === "." || rest.startsWith("./")) rest = rest.slice(2);
    else if (rest === ".." || rest.startsWith("../")) {
      rest = rest.slice(3);
      const slash = base.lastIndexOf("/");
      if (slash <= base.indexOf("//") + 1) {
        throw new GitError(
          "git-unsupported",
          `Cannot find module ${maskUrl(declared)}: it is above ${maskUrl(remote)}`,
        );
      }
      base = base.slice(0, slash);
    } else return rest === "" ? base : trimEnd(`${base}/${rest}`, "/");
  }
}

function corruptError(why: string): GitError {
  return new GitError("git-corrupt", `Cannot read .gitmodules: ${why}`);
}
