import { createContext, Script } from "node:vm";

/** A match of a regular expression: all of it, and its groups. */
export interface Match {
  index: number;
  parts: (string | undefined)[];
  /** Named groups. */
  groups: Record<string, string | undefined> | undefined;
}

const script = new Script(`
  const expression = new RegExp(pattern, flags);
  JSON.stringify([...text.matchAll(expression)].slice(0, max).map((match) => ({
    index: match.index,
    parts: [...match],
    groups: match.groups,
  })));
`);

/**
 * Matches of a pattern. JavaScript's regular expressions can need exponential time, and only a script can be stopped.
 * @param milliseconds for matching
 * @throws {SyntaxError} for an invalid pattern; it is that of the script's own context, so only its name can be compared
 * @throws {Error} with code `ERR_SCRIPT_EXECUTION_TIMEOUT`
 */
export function findMatches(pattern: string, text: string, isGlobal: boolean, milliseconds: number): Match[] {
  const max = isGlobal ? Number.MAX_SAFE_INTEGER : 1;
  const context = createContext({ pattern: pattern.replaceAll("(?P<", "(?<"), flags: "gu", text, max });
  const found = JSON.parse(String(script.runInContext(context, { timeout: milliseconds }))) as Match[];
  // JSON has null for groups that did not participate in the match.
  return found.map(({ index, parts, groups }) => ({
    index,
    parts: parts.map((part) => part ?? undefined),
    groups,
  }));
}
