/** Any characters except `/`, and any characters. */
const STAR = -1;
const TWO_STARS = -2;
const slash = "/".charCodeAt(0);

/**
 * Whether the whole text matches a pattern: `*` matches any characters except `/`, `**` any characters, everything else
 * itself. The time is proportional to the product of both lengths, because texts are untrusted.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const steps = readPattern(pattern);
  let reached = follow(steps, new Set([0]));
  for (let at = 0; at < text.length && reached.size > 0; at++) {
    const code = text.charCodeAt(at);
    const next = new Set<number>();
    for (const place of reached) {
      const step = steps[place];
      if (step === TWO_STARS || (step === STAR && code !== slash)) next.add(place);
      else if (step === code) next.add(place + 1);
    }
    reached = follow(steps, next);
  }
  return reached.has(steps.length);
}

function readPattern(pattern: string): number[] {
  return [...pattern.matchAll(/\*+|[^*]/gs)].map(([part]) => {
    if (!part.startsWith("*")) return part.charCodeAt(0);
    return part.length === 1 ? STAR : TWO_STARS;
  });
}

/** Adds the places after stars, which may match nothing. */
function follow(steps: readonly number[], places: Set<number>): Set<number> {
  // The loop also visits places that it adds.
  for (const place of places) if (steps[place] === STAR || steps[place] === TWO_STARS) places.add(place + 1);
  return places;
}
