import type { Place } from "../rootfs/node-line.ts";

/** Exceeds the data of any pack, so that one number encodes pack and offset. */
const SPAN = 2 ** 32;

/** A range of the data of a pack. */
export interface Stretch {
  /** Number of the pack in its context. */
  pack: number;
  /** Offset in the data. */
  at: number;
  size: number;
}

/** Encodes where a file is stored: one range, or for a large file several ranges with their sizes. */
export function encodePlace(stretches: readonly Stretch[]): Place {
  const [only] = stretches;
  if (stretches.length === 1 && only !== undefined) return only.pack * SPAN + only.at;
  return stretches.flatMap(({ pack, at, size }) => [pack * SPAN + at, size]);
}

export function stretchesOf(place: Place, size: number): Stretch[] {
  if (typeof place === "number") return [stretchAt(place, size)];
  const stretches: Stretch[] = [];
  for (let i = 0; i + 1 < place.length; i += 2) stretches.push(stretchAt(place[i] ?? 0, place[i + 1] ?? 0));
  return stretches;
}

function stretchAt(place: number, size: number): Stretch {
  return { pack: Math.floor(place / SPAN), at: place % SPAN, size };
}
