/**
 * A time for `utimes` and `lutimes` of node:fs, which set the current time in place of negative numbers.
 * @param seconds since 1970
 */
export function fileTime(seconds: number): number | Date {
  return seconds < 0 ? new Date(seconds * 1000) : seconds;
}
