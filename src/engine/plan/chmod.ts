import { PlanFault } from "./plan-error.ts";

/** The effect of `--chmod` on a mode: replaces it, or changes it clause by clause. */
export type Chmod = { readonly octal: number } | { readonly changes: readonly ModeChange[] };

/**
 * One change of the twelve mode bits. `X` sets its bits when the entry is a directory or had an execute bit; `copy`
 * copies the three permission bits at `from`.
 */
type ModeChange =
  | { readonly op: "+"; readonly bits: number }
  | { readonly op: "-"; readonly bits: number }
  | { readonly op: "X"; readonly bits: number }
  | { readonly op: "copy"; readonly from: 6 | 3 | 0; readonly to: number; readonly how: "+" | "-" | "=" };

const SET_USER = 0o4000;
const SET_GROUP = 0o2000;
const STICKY = 0o1000;
const STANDARD_BITS = SET_USER | SET_GROUP | 0o777;
const classes: Record<string, number> = {
  a: STANDARD_BITS,
  u: SET_USER | 0o700,
  g: SET_GROUP | 0o070,
  o: 0o007,
};
const copies: Record<string, 6 | 3 | 0> = { u: 6, g: 3, o: 0 };

/**
 * Reads the value of `--chmod`: octal up to 07777, or symbolic as in chmod(1) without a umask.
 * @throws {PlanFault} for anything else.
 */
export function readChmod(text: string): Chmod {
  if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o7777) return { octal: Number.parseInt(text, 8) };
  if (/^[0-9]/.test(text)) {
    throw new PlanFault(
      "plan/invalid-value",
      `invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`,
    ).about(text);
  }
  return { changes: readSymbolic(text) };
}

function readSymbolic(text: string): ModeChange[] {
  const changes: ModeChange[] = [];
  for (const clause of text.split(",")) {
    const match = /^([augo]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
    if (match === null) throw new PlanFault("plan/invalid-value", "invalid syntax");
    let who = 0;
    for (const letter of match[1] ?? "") who |= classes[letter] ?? 0;
    for (const action of match[2]?.match(/[-+=][^-+=]*/g) ?? []) {
      who = readAction(who, action[0] as "+" | "-" | "=", action.slice(1), changes);
    }
  }
  return changes;
}

/** Appends the changes of one operator and its letters; returns `who` for the next operator of the clause. */
function readAction(who: number, op: "+" | "-" | "=", letters: string, changes: ModeChange[]): number {
  let affected = who & ~STICKY;
  let bits = 0;
  let conditional = 0;
  let assigned = false;
  const mask = (): number => affected || 0o7777;
  const flush = (): void => {
    if (op === "=") {
      changes.push({ op: "-", bits: affected || STANDARD_BITS }, { op: "+", bits: mask() & bits });
      assigned = true;
    } else {
      changes.push({ op, bits: mask() & bits });
    }
    bits = 0;
  };
  const flushConditional = (): void => {
    if (conditional !== 0) changes.push({ op: "X", bits: mask() & conditional });
    conditional = 0;
  };
  for (const letter of letters) {
    // Set-id and sticky bits do not apply to "other" alone.
    const special = affected === 0 || (affected & ~0o007) !== 0;
    if (letter === "r") bits |= 0o444;
    else if (letter === "w") bits |= 0o222;
    else if (letter === "x" || (letter === "X" && op === "-")) bits |= 0o111;
    else if (letter === "X") conditional = 0o111;
    else if (letter === "s") bits |= special ? SET_USER | SET_GROUP : 0;
    else if (letter === "t") {
      if (special) {
        affected |= STICKY;
        bits |= STICKY;
      }
    } else {
      if (bits !== 0) flush();
      flushConditional();
      assigned ||= op === "=";
      changes.push({ op: "copy", from: copies[letter] ?? 0, to: mask() & 0o777, how: op });
    }
  }
  if (bits !== 0 || (op === "=" && !assigned)) flush();
  flushConditional();
  return affected;
}
