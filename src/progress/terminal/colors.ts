/** The elements with their own colour. */
export type Tone = "run" | "cached" | "cancel" | "error" | "warning";

/** Colours a text, or returns it unchanged. */
export type Paint = (tone: Tone, text: string) => string;

type Environment = Readonly<Record<string, string | undefined>>;

/** Select Graphic Rendition codes (ECMA-48, 8.3.117) by the names of BUILDKIT_COLORS. */
const NAMES: Readonly<Record<string, string>> = {
  default: "39",
  black: "30",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36",
  white: "37",
  "light-black": "90",
  "light-red": "91",
  "light-green": "92",
  "light-yellow": "93",
  "light-blue": "94",
  "light-magenta": "95",
  "light-cyan": "96",
  "light-white": "97",
};

const USUAL: Readonly<Record<Tone, string>> = {
  run: "34",
  cached: "36",
  cancel: "33",
  error: "31",
  warning: "33",
};

/**
 * The colours configured in the environment: none with NO_COLOR, others with `BUILDKIT_COLORS=run=green:error=255,0,0`.
 */
export function paintOf(environment: Environment): Paint {
  if (environment.NO_COLOR) return (_, text) => text;
  const codes: Record<Tone, string> = { ...USUAL };
  for (const field of (environment.BUILDKIT_COLORS ?? "").split(":")) {
    const [name = "", value = ""] = field.split("=").map((part) => part.trim().toLowerCase());
    const code = codeOf(value);
    if (Object.hasOwn(codes, name) && code !== undefined) codes[name as Tone] = code;
  }
  return (tone, text) => `\x1b[${codes[tone]}m${text}\x1b[0m`;
}

function codeOf(value: string): string | undefined {
  if (Object.hasOwn(NAMES, value)) return NAMES[value];
  const parts = value.split(",").map(Number);
  const isRgb =
    parts.length === 3 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return isRgb ? `38;2;${parts.join(";")}` : undefined;
}
