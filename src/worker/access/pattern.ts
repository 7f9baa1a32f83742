/** Any characters but `/`, and any at all. */
const star = -1;
const twoStars = -2;
const slash = "/".charCodeAt(0);

/**
 * Whether a text matches a pattern as a whole: `*` stands for any characters but `/`, `**` for any at all, everything
 * else for itself. Takes time in proportion to the product of both lengths: texts come from anybody.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const steps = readPattern(pattern);
  let reached = follow(steps, new Set([0]));
  for (let at = 0; at < text.length && reached.size > 0; at++) {
    const code = text.charCodeAt(at);
    const next = new Set<number>();
    for (const place of reached) {
      const step = steps[place];
      if (step === twoStars || (step === star && code !== slash)) next.add(place);
      else if (step === code) next.add(place + 1);
    }
    reached = follow(steps, next);
  }
  return reached.has(steps.length);
}

function readPattern(pattern: string): number[] {
  return [...pattern.matchAll(/\*+|[^*]/gs)].map(([part]) => {
    if (!part.startsWith("*")) return part.charCodeAt(0);
    return part.length === 1 ? star : twoStars;
  });
}

/** A star may stand for nothing. */
function follow(steps: readonly number[], places: Set<number>): Set<number> {
  // What is added while it is gone through is gone through, too.
  for (const place of places) if (steps[place] === star || steps[place] === twoStars) places.add(place + 1);
  return places;
}
