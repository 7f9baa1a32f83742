const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses an age to seconds: `90s`, `24h`, `7d`, `1h30m`, or a number of seconds. Undefined for anything else. */
export function readAge(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  if (!/^(?:\d{1,9}(?:\.\d{1,3})?[smhd])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, number, unit] of text.matchAll(/(\d{1,9}(?:\.\d{1,3})?)([smhd])/g)) {
    seconds += Number(number) * (SECONDS[unit ?? ""] ?? 0);
  }
  return seconds;
}
