import type { Draft } from "./draft.ts";

/** Removes parts of a draft one by one, as long as it stays interesting. Tests at most `max` drafts. */
export async function minimise(
  draft: Draft,
  isInteresting: (smaller: Draft) => Promise<boolean>,
  max: number,
): Promise<Draft> {
  let smallest = draft;
  let asked = 0;
  for (let hasShrunk = true; hasShrunk && asked < max; ) {
    hasShrunk = false;
    for (const smaller of smallerThan(smallest)) {
      if (++asked > max) break;
      if (!(await isInteresting(smaller))) continue;
      smallest = smaller;
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(draft: Draft): Generator<Draft> {
  const { instructions, context, ignore } = draft;
  for (let at = instructions.length - 1; at > 0; at--) {
    const fewer = instructions.toSpliced(at, 1);
    // A Dockerfile that has only ARG lines ends the daemon of Docker 26.
    if (fewer.some((line) => /^FROM /i.test(line))) yield { ...draft, instructions: fewer };
  }
  if (ignore.length > 0) yield { ...draft, ignore: [] };
  for (const [at] of ignore.entries()) yield { ...draft, ignore: ignore.toSpliced(at, 1) };
  for (const path of Object.keys(context)) {
    const { [path]: _, ...rest } = context;
    const isTarget = Object.values(rest).some(
      (entry) => typeof entry === "object" && "hardlink" in entry && entry.hardlink === path,
    );
    if (!isTarget) yield { ...draft, context: rest };
  }
}
