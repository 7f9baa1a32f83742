const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats the age of a time with docker's wording: `3 weeks ago`. @param time RFC 3339; @param now milliseconds */
export function agoText(time: string | undefined, now: number): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  if (Number.isNaN(then)) return "N/A";
  return `${durationText((now - then) / 1000)} ago`;
}

function durationText(seconds: number): string {
  const hours = Math.round(seconds / HOUR);
  if (seconds < 1) return "Less than a second";
  if (seconds < 2) return "1 second";
  if (seconds < MINUTE) return `${Math.floor(seconds)} seconds`;
  if (seconds < 2 * MINUTE) return "About a minute";
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} minutes`;
  if (hours < 2) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(seconds / DAY)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(seconds / DAY / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(seconds / DAY / 30)} months`;
  return `${Math.floor(seconds / DAY / 365)} years`;
}
