import type { BakeBudget } from "../budget.ts";
import { BakeError, type BakePosition } from "../error.ts";
import type { Value } from "./syntax.ts";
import { asBool, asNumber, asText, numberText, primitiveText, toJson } from "./values.ts";

/** The repetitions are bounded so that the search takes linear time. */
const VERB = /%(?:%|([ +#0-]{0,5})(\d{1,9})?(?:\.(\d{1,9}))?(?:\[(\d{1,9})\])?([a-zA-Z]))/g;

/** `format` of HCL: verbs of Go for values. @throws {BakeError} */
export function formatText(
  text: string,
  args: readonly Value[],
  at: BakePosition,
  budget: BakeBudget,
): string {
  let next = 0;
  return text.replace(VERB, (all, flags = "", width, precision, index, verb) => {
    if (verb === undefined) return "%";
    if (index !== undefined) next = Number(index) - 1;
    const value = args[next++];
    if (value === undefined) throw new BakeError(`format has no argument for ${all}`, at);
    budget.spendOn([value], 1, at);
    budget.require(Number(width ?? 0), at);
    const plain = verbText(verb, value, precision === undefined ? undefined : Number(precision), at);
    const signed = flags.includes("+") && typeof value === "number" && value >= 0 ? `+${plain}` : plain;
    return pad(signed, flags, Number(width ?? 0), "dfgeExXob".includes(verb));
  });
}

function pad(text: string, flags: string, width: number, isNumber: boolean): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0") || !isNumber) return text.padStart(width);
  const sign = /^[+-]/.test(text) ? text.charAt(0) : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

/** Like `toFixed`, but rounds half to even, as Go does. */
function formatFixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  const isTie = Math.abs(scaled % 1) === 0.5 && scaled / 10 ** digits === value;
  return isTie ? ((2 * Math.round(scaled / 2)) / 10 ** digits).toFixed(digits) : value.toFixed(digits);
}

function verbText(verb: string, value: Value, precision: number | undefined, at: BakePosition): string {
  switch (verb) {
    case "s":
      return [...asText(value, at)].slice(0, precision).join("");
    case "q":
      return JSON.stringify(asText(value, at));
    case "d":
      return numberText(Math.trunc(asNumber(value, at)));
    case "f":
      return formatFixed(asNumber(value, at), digits(precision, at));
    case "g":
      return String(asNumber(value, at));
    case "e":
    case "E": {
      const power = asNumber(value, at)
        .toExponential(digits(precision, at))
        .replace(/e([+-])(\d)$/, "e$10$2");
      return verb === "E" ? power.toUpperCase() : power;
    }
    case "t":
      return String(asBool(value, at));
    case "b":
      return asNumber(value, at).toString(2);
    case "o":
      return asNumber(value, at).toString(8);
    case "x":
    case "X": {
      const hex =
        typeof value === "string" ? Buffer.from(value).toString("hex") : asNumber(value, at).toString(16);
      return verb === "X" ? hex.toUpperCase() : hex;
    }
    case "v":
      return value === null ? "null" : (primitiveText(value) ?? JSON.stringify(toJson(value)));
    default:
      throw new BakeError(`format does not know the verb %${verb}`, at);
  }
}

function digits(precision = 6, at: BakePosition): number {
  if (precision > 100) throw new BakeError("format has at most 100 digits after the point", at);
  return precision;
}
