import type { Place } from "../rootfs/node-line.ts";

/** Data of a pack are shorter than this, so one number says pack and offset. */
const SPAN = 2 ** 32;

/** A stretch of the data of a pack. */
export interface Stretch {
  /** Number of the pack in its context. */
  pack: number;
  /** Bytes of data before it. */
  at: number;
  size: number;
}

/** A file of `size` bytes lies in one stretch, or, a large one, in several: then the sizes stand in the place. */
export function placeOf(stretches: readonly Stretch[]): Place {
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
