import { scaleBytes } from "./units.ts";

/** `sha256:…` as docker shortens it. */
export function shortId(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 12);
}

/** Bytes in three digits or so, in powers of a thousand, as docker writes them. */
export function sizeText(bytes: number): string {
  const { value, unit } = scaleBytes(bytes);
  return `${Number(value.toPrecision(3))}${unit}`;
}
