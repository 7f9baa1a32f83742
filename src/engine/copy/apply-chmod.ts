import type { Chmod } from "../plan/chmod.ts";

/** Applies `--chmod` to the twelve mode bits of an entry. */
export function applyChmod(chmod: Chmod, mode: number, isDirectory: boolean): number {
  if ("octal" in chmod) return chmod.octal;
  const before = mode & 0o7777;
  let after = before;
  for (const change of chmod.changes) {
    if (change.op === "+") after |= change.bits;
    else if (change.op === "-") after &= ~change.bits;
    else if (change.op === "X") after |= isDirectory || (before & 0o111) !== 0 ? change.bits : 0;
    else {
      const three = (after >> change.from) & 0o7;
      const spread = three * 0o111;
      if (change.how === "=") after &= ~change.to;
      if (change.how === "-") after &= ~(spread & change.to);
      else after |= spread & change.to;
    }
  }
  return after;
}
