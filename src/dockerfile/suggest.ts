/** A more distant suggestion does not help. */
const MAX_DISTANCE = 2;
/** Longer words are not compared, because the comparison is quadratic. */
const MAX_LENGTH = 64;

/**
 * The option most similar to a misspelt word; undefined when none is near or the word is an option. With `ignoreCase`,
 * the suggestion has the case of the word.
 */
export function suggest(word: string, options: Iterable<string>, ignoreCase = false): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const wanted = ignoreCase ? word.toLowerCase() : word;
  let best: string | undefined;
  let bestDistance = MAX_DISTANCE + 1;
  for (const option of options) {
    const candidate = ignoreCase ? option.toLowerCase() : option;
    if (candidate === wanted) return undefined;
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate, bestDistance - 1);
    if (distance < bestDistance) {
      bestDistance = distance;
      best =
        ignoreCase && word === word.toUpperCase() && word !== word.toLowerCase()
          ? candidate.toUpperCase()
          : candidate;
    }
  }
  return best;
}

/**
 * Levenshtein distance: insertions, deletions and substitutions that turn one text into the other. Exact only up to
 * `most`, so cells far from the diagonal are not computed.
 */
function editDistance(a: string, b: string, max: number): number {
  const far = max + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [];
    const last = Math.min(b.length, row + max);
    let lowest = far;
    for (let column = Math.max(0, row - max); column <= last; column++) {
      const substitution =
        column === 0 ? row : (previous[column - 1] ?? far) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const distance = Math.min(
        substitution,
        (previous[column] ?? far) + 1,
        (current[column - 1] ?? far) + 1,
      );
      current[column] = distance;
      lowest = Math.min(lowest, distance);
    }
    if (lowest > max) return far;
    previous = current;
  }
  return previous[b.length] ?? far;
}
