/** Pairs of Korean particles: after a final consonant, and after a vowel. */
const pairs = {
  은: "는",
  이: "가",
  을: "를",
  과: "와",
  으로: "로",
} as const;
export type Particle = keyof typeof pairs;

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
/** Number of possible final consonants of a Hangul syllable, including none. */
const FINALS = 28;
/** Index of ㄹ among the final consonants. */
const RIEUL = 8;

/** Appends the form of a particle that the name requires: `withParticle("앱", "은")` is `앱은`. */
export function withParticle(name: string, particle: Particle): string {
  const final = finalOf(name);
  // 으로 follows every consonant except ㄹ.
  const isConsonant = particle === "으로" ? final === "consonant" : final !== "vowel";
  return name + (isConsonant ? particle : pairs[particle]);
}

/**
 * Returns the final sound of a name as a Korean reader pronounces it: digits by their Sino-Korean names, Latin words by
 * the usual transcription of their last letters. Trailing punctuation is silent.
 */
function finalOf(name: string): "vowel" | "rieul" | "consonant" {
  let end = name.length;
  while (end > 0 && !/[\p{L}\p{N}]/u.test(name[end - 1] as string)) end--;
  const spoken = name.slice(0, end);
  const code = spoken.charCodeAt(spoken.length - 1);
  if (code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE) {
    const final = (code - FIRST_SYLLABLE) % FINALS;
    return final === 0 ? "vowel" : final === RIEUL ? "rieul" : "consonant";
  }
  if (/[178]$/.test(spoken)) return "rieul";
  if (/[036]$/.test(spoken)) return "consonant";
  // A single letter is read by its name.
  if (/(^|[^a-z])[lr]$/i.test(spoken) || /l$|le$/i.test(spoken)) return "rieul";
  return /[mn]$|ng$|[aeiou][bckpt]$|pp$|ck$|[aeiou][mn]e$/i.test(spoken) ? "consonant" : "vowel";
}
