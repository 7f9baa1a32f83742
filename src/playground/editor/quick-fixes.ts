import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import { messages } from "./messages.ts";
import { tokenize, type WrittenInstruction } from "./tokens.ts";

/** An edit of a text: replaces the range from `from` to `to` with `insert`. */
export interface TextEdit {
  from: number;
  to: number;
  insert: string;
}

/** A set of edits that fixes a finding. */
export interface QuickFix {
  name: string;
  edits: TextEdit[];
}

/**
 * Returns the quick fixes of a finding: the edit that fixes it, if there is one, and an edit that skips the rule, if it
 * is a lint rule.
 */
export function quickFixes(text: string, diagnostic: Diagnostic): QuickFix[] {
  const { instructions } = tokenize(text);
  const { start, end } = diagnostic.lines;
  const instruction = instructions.find((written) => written.start <= end && written.end >= start);
  const fix = instruction && fixOf(text, diagnostic, instruction, instructions);
  const isRule = /^[A-Z]\w+$/.test(diagnostic.code) && diagnostic.severity === "warning";
  return [...(fix ? [fix] : []), ...(isRule ? [skipRule(text, diagnostic.code)] : [])];
}

function fixOf(
  text: string,
  { code, message, column, help, lines }: Diagnostic,
  instruction: WrittenInstruction,
  instructions: readonly WrittenInstruction[],
): QuickFix | undefined {
  const { fixes } = messages.value;
  const { from, to } = instruction;
  const written = text.slice(from, to);
  /** Replaces the first match of a pattern in the instruction. */
  const replaceMatch = (name: string, pattern: RegExp, replacement: (match: RegExpExecArray) => string) => {
    const match = pattern.exec(written);
    if (match === null) return undefined;
    const at = from + match.index;
    const insert = replacement(match);
    return insert === match[0]
      ? undefined
      : { name, edits: [{ from: at, to: at + match[0].length, insert }] };
  };
  switch (code) {
    case "StageNameCasing":
      return lowerStageName(text, written, instructions);
    case "FromAsCasing": {
      const isLower = /^[a-z]/.test(written);
      return replaceMatch(fixes.matchCase, /(?<=\s)as(?=\s)/i, ([word]) =>
        isLower ? "as" : word.toUpperCase(),
      );
    }
    case "NoEmptyContinuation":
      return removeEmptyLines(text, instruction);
    case "ConsistentInstructionCasing": {
      const isLower = message.includes("lowercase");
      return replaceMatch(fixes.matchCase, /^\S+/, ([word]) =>
        isLower ? word.toLowerCase() : word.toUpperCase(),
      );
    }
    case "JSONArgsRecommended":
      return replaceMatch(fixes.jsonArray, /^(\S+\s+)([\s\S]*)$/, ([, start = "", command = ""]) =>
        command.includes("\n") ? start + command : start + jsonArray(command),
      );
    case "MaintainerDeprecated":
      return replaceMatch(fixes.authorsLabel, /^\S+\s+(\S.*)$/, ([, name = ""]) => {
        const plain = name.trim().replace(/^"(.*)"$/, "$1");
        return `LABEL org.opencontainers.image.authors=${JSON.stringify(plain)}`;
      });
    case "LegacyKeyValueFormat":
      return replaceMatch(
        fixes.equalsSign,
        /^(\S+\s+)(\S+)\s+(\S.*)$/,
        ([, start = "", key = "", value = ""]) => {
          const isPlain = /^[^\s"'\\]+$/.test(value);
          return `${start}${key}=${isPlain || /^".*"$/.test(value) ? value : JSON.stringify(value)}`;
        },
      );
    case "WorkdirRelativePath":
      return replaceMatch(fixes.absolutePath, /^(\S+\s+)(?=[^/\s])/, ([start]) => `${start}/`);
    case "RedundantTargetPlatform":
      return replaceMatch(fixes.removeFlag, /(?<=\s)--platform=\S+\s+/, () => "");
    case "ExposeProtoCasing":
      return replaceMatch(fixes.lowerCase, /(?<=\/)[a-z]*[A-Z][A-Za-z]*/, ([protocol]) =>
        protocol.toLowerCase(),
      );
    case "ExposeInvalidFormat":
      return replaceMatch(
        fixes.containerPort,
        /(?<=\s)\S*:(\d[\d-]*(?:\/\w+)?)(?=\s|$)/,
        ([, port = ""]) => port,
      );
    default:
      return replaceMisspelling(text, { message, help, column, line: lines.start }, instruction);
  }
}

/** Replaces a misspelt word with the suggestion of the finding. */
function replaceMisspelling(
  text: string,
  {
    message,
    help,
    column,
    line,
  }: { message: string; help?: string | undefined; column?: number | undefined; line: number },
  { from, to }: WrittenInstruction,
): QuickFix | undefined {
  const wanted = /did you mean (\S+?)\?/.exec(help ?? message)?.[1];
  const given =
    /unknown (?:instruction|flag): (?:--)?(\S+)/.exec(message)?.[1] ?? /'\$?([\w.-]+)'/.exec(message)?.[1];
  if (wanted === undefined || given === undefined) return undefined;
  const start = column === undefined ? from : Math.max(from, offsetOf(text, line, column));
  const at = text.slice(0, to).indexOf(given, start);
  if (at < 0) return undefined;
  const insert = wanted.replace(/^\$/, "");
  return { name: messages.value.fixes.replace(insert), edits: [{ from: at, to: at + given.length, insert }] };
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let number = 1; number < line; number++) at = text.indexOf("\n", at) + 1;
  return at + column - 1;
}

/** Changes a stage name to lower case, also where other instructions refer to it. */
function lowerStageName(
  text: string,
  written: string,
  instructions: readonly WrittenInstruction[],
): QuickFix | undefined {
  const name = /\sas\s+(\S+)/i.exec(written)?.[1];
  if (name === undefined || !/^[\w.-]+$/.test(name)) return undefined;
  const places = new RegExp(
    `(?<=\\sas\\s+|^from\\s+(?:--\\S+\\s+)*|[=,]from=|--from=)${escapeRegExp(name)}(?=[\\s,]|$)`,
    "gi",
  );
  const edits = instructions.flatMap(({ from, to }) =>
    [...text.slice(from, to).matchAll(places)]
      .filter(([found]) => found === name)
      .map(({ index }) => ({
        from: from + index,
        to: from + index + name.length,
        insert: name.toLowerCase(),
      })),
  );
  return { name: messages.value.fixes.lowerCase, edits };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function removeEmptyLines(text: string, { from, to }: WrittenInstruction): QuickFix | undefined {
  const edits = [...text.slice(from, to).matchAll(/(?<=\n)[ \t]*\r?\n/g)].map(({ index, 0: line }) => ({
    from: from + index,
    to: from + index + line.length,
    insert: "",
  }));
  return edits.length === 0 ? undefined : { name: messages.value.fixes.removeEmptyLine, edits };
}

/** Converts the shell form of a command to a JSON array. Shell syntax becomes an argument of `/bin/sh -c`. */
function jsonArray(command: string): string {
  const trimmed = command.trim();
  const words = /[|&;<>()$`\\"'*?[\]#~=%{}]/.test(trimmed)
    ? ["/bin/sh", "-c", trimmed]
    : trimmed.split(/\s+/);
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

/** Adds a rule to the directive `# check=skip=…` at the top of the file. */
function skipRule(text: string, rule: string): QuickFix {
  const name = messages.value.fixes.skipRule(rule);
  const given = /^((?:#[^\n=]*=[^\n]*\n)*?#[^\S\n]*check=)([^\n]*)/i.exec(text);
  if (given === null) {
    const at = /^(?:#\s*(?:syntax|escape)=[^\n]*\n)*/i.exec(text)?.[0].length ?? 0;
    return { name, edits: [{ from: at, to: at, insert: `# check=skip=${rule}\n` }] };
  }
  const [, start = "", value = ""] = given;
  const skipped = /(?<=\bskip=)[^;]*/.exec(value);
  const insert = skipped === null ? `skip=${rule};` : `${skipped[0] === "" ? "" : ","}${rule}`;
  const at = start.length + (skipped === null ? 0 : skipped.index + skipped[0].length);
  return { name, edits: [{ from: at, to: at, insert }] };
}
