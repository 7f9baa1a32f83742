import { BakeError, type BakePosition } from "../error.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** A time of RFC 3339, with the time as its zone shows it. */
function parseTime(text: string, at: BakePosition): { time: number; local: Date; zone: string } {
  const [, zone = ""] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const time = Date.parse(text);
  if (zone === "" || Number.isNaN(time))
    throw new BakeError(`${JSON.stringify(text)} is not a time of RFC 3339`, at);
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  return { time, local: new Date(time + offset), zone };
}

/** `formatdate` of HCL. @throws {BakeError} */
export function dateText(format: string, text: string, at: BakePosition): string {
  const { local, zone } = parseTime(text, at);
  const pad = (value: number) => String(value).padStart(2, "0");
  const hour = local.getUTCHours();
  const day = DAYS[local.getUTCDay()] ?? "";
  const month = MONTHS[local.getUTCMonth()] ?? "";
  const plain = zone === "Z" ? "+00:00" : zone;
  const parts: Readonly<Record<string, string>> = {
    YYYY: String(local.getUTCFullYear()),
    YY: pad(local.getUTCFullYear() % 100),
    MMMM: month,
    MMM: month.slice(0, 3),
    MM: pad(local.getUTCMonth() + 1),
    M: String(local.getUTCMonth() + 1),
    DD: pad(local.getUTCDate()),
    D: String(local.getUTCDate()),
    EEEE: day,
    EEE: day.slice(0, 3),
    hh: pad(hour),
    h: String(hour),
    HH: pad(hour % 12 || 12),
    H: String(hour % 12 || 12),
    AA: hour < 12 ? "AM" : "PM",
    aa: hour < 12 ? "am" : "pm",
    mm: pad(local.getUTCMinutes()),
    m: String(local.getUTCMinutes()),
    ss: pad(local.getUTCSeconds()),
    s: String(local.getUTCSeconds()),
    ZZZZZ: plain,
    ZZZZ: plain.replace(":", ""),
    ZZZ: zone === "Z" ? "UTC" : plain.replace(":", ""),
    Z: zone,
  };
  return format.replace(/'((?:[^']|'')*)'|([a-zA-Z])\2*/g, (sequence, quoted?: string) => {
    if (quoted !== undefined) return quoted.replaceAll("''", "'");
    const part = parts[sequence];
    if (part === undefined) throw new BakeError(`formatdate does not know the sequence "${sequence}"`, at);
    return part;
  });
}

/** `timeadd` of HCL: a duration of Go, as `1h30m`, after a time. @throws {BakeError} */
export function addDuration(text: string, duration: string, at: BakePosition): string {
  if (!/^[+-]?(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/.test(duration))
    throw new BakeError(`${JSON.stringify(duration)} is not a duration, as 1h30m`, at);
  let milliseconds = 0;
  // Sticky, so that the search takes linear time.
  const part = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/y;
  part.lastIndex = /^[+-]/.test(duration) ? 1 : 0;
  for (let found = part.exec(duration); found !== null; found = part.exec(duration)) {
    const [, amount, unit = ""] = found;
    milliseconds += Number(amount) * (UNITS[unit] ?? 0);
  }
  const { local, zone } = parseTime(text, at);
  const moved = new Date(local.getTime() + (duration.startsWith("-") ? -milliseconds : milliseconds));
  return `${moved.toISOString().replace(/\.\d+Z$/, "")}${zone}`;
}
