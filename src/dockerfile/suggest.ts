/** A suggestion farther away than this is no help. */
const maximumDistance = 2;
/** Longer words are not compared: nobody misspells that much, and the comparison is quadratic. */
const maximumLength = 64;

/**
 * The option that is most like a misspelt word, or undefined when none is near or the word is one of them.
 * With `ignoreCase` the suggestion takes on the case of the word.
 */
export function suggest(word: string, options: Iterable<string>, ignoreCase = false): string | undefined {
  if (word.length > maximumLength) return undefined;
  const wanted = ignoreCase ? word.toLowerCase() : word;
  let best: string | undefined;
  let bestDistance = maximumDistance + 1;
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
 * Levenshtein's distance: insertions, deletions and substitutions that make one text the other. More than `most` is
 * only known to be more, so cells far from the diagonal are not computed.
 */
function editDistance(a: string, b: string, most: number): number {
  const far = most + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [];
    const last = Math.min(b.length, row + most);
    let lowest = far;
    for (let column = Math.max(0, row - most); column <= last; column++) {
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
    if (lowest > most) return far;
    previous = current;
  }
  return previous[b.length] ?? far;
}
