import { Fault } from "./fault.ts";
import { quoteGo } from "./quote.ts";

const units: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const MAX_NANOSECONDS = 2n ** 63n - 1n;
/** Further digits after the point are less than a nanosecond of an hour. */
const MAX_FRACTION_DIGITS = 18;

/**
 * Parses a duration in Go's format, such as `1h30m` or `1.5s`, to nanoseconds.
 * @throws {Fault} with Go's message for an invalid text, and for a value that does not fit in 64 bits
 */
export function readDuration(text: string): number {
  const invalid = () => new Fault("parse/healthcheck", `time: invalid duration ${quoteGo(text)}`);
  const [, sign, body = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return 0;
  if (body === "") throw invalid();
  const part = /(\d*)(?:\.(\d*))?([^.\d]*)/y;
  let total = 0n;
  while (part.lastIndex < body.length) {
    const [, whole = "", fraction = "", unit = ""] = part.exec(body) ?? [];
    if (whole === "" && fraction === "") throw invalid();
    if (unit === "") throw new Fault("parse/healthcheck", `time: missing unit in duration ${quoteGo(text)}`);
    const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
    if (scale === undefined) {
      throw new Fault(
        "parse/healthcheck",
        `time: unknown unit ${quoteGo(unit)} in duration ${quoteGo(text)}`,
      );
    }
    if (whole.length > 20) throw invalid();
    const digits = fraction.slice(0, MAX_FRACTION_DIGITS);
    total += BigInt(whole || "0") * scale;
    total += (BigInt(digits || "0") * scale) / 10n ** BigInt(digits.length);
    if (total > MAX_NANOSECONDS) throw invalid();
  }
  return Number(sign === "-" ? -total : total);
}
