/** One authentication scheme that a server offers in `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case. */
  scheme: string;
  /** By their names in lower case. */
  parameters: Map<string, string>;
}

const MAX_LENGTH = 8192;

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
/** Some servers send values such as URLs without the quotes that they need. */
const LOOSE = /[^\s",]+/y;
const SPACE = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;

/**
 * Parses a `WWW-Authenticate` header (RFC 9110, 11.6.1), which may contain several challenges. Stops without an error at
 * the first invalid one.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  if (header.length > MAX_LENGTH) return challenges;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(SEPARATORS);
    const word = take(TOKEN)?.[0];
    if (word === undefined) return challenges;
    const afterWord = at;
    take(SPACE);
    const last = challenges.at(-1);
    if (header[at] === "=" && last !== undefined) {
      at++;
      take(SPACE);
      const quoted = take(QUOTED)?.[1];
      const value = quoted === undefined ? take(LOOSE)?.[0] : quoted.replace(/\\(.)/g, "$1");
      if (value === undefined) return challenges;
      const name = word.toLowerCase();
      if (!last.parameters.has(name)) last.parameters.set(name, value);
      continue;
    }
    if (header[afterWord] !== undefined && at === afterWord && header[at] !== ",") return challenges;
    challenges.push({ scheme: word.toLowerCase(), parameters: new Map() });
    // A token68 follows the scheme directly; a parameter would have a value after its `=`.
    take(TOKEN68);
  }
}
