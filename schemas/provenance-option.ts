import { z } from "zod";

/** What a provenance attestation is to tell, and in whose name. */
export const provenanceRequest = z.strictObject({
  /** `min` leaves out what may be nobody else's business: arguments, labels, secrets' names, the Dockerfile. */
  mode: z.enum(["min", "max"]).default("max"),
  /** URI of who builds; the server's own when absent. */
  builderId: z.string().max(2048).optional(),
  /** The client says that building again gives the same bytes. */
  reproducible: z.boolean().default(false),
});
export type ProvenanceRequest = z.infer<typeof provenanceRequest>;

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);
/** Say where a file goes, or what only BuildKit can tell. */
const withoutMeaning = new Set(["type", "inline-only", "filename", "capture-usage", "complete-materials"]);

/**
 * Reads what buildx and build-push-action spell `true`, `false` or `mode=max,builder-id=https://…`; `false` when none
 * is wanted.
 * @throws {TypeError} for what is nothing of these
 */
export function readProvenance(text: string): ProvenanceRequest | false {
  if (text === "") return false;
  const request: ProvenanceRequest = { mode: "max", reproducible: false };
  for (const field of text.split(",").map((part) => part.trim())) {
    const equals = field.indexOf("=");
    const [name, value] = equals < 0 ? [field, ""] : [field.slice(0, equals), field.slice(equals + 1)];
    if (equals < 0 && booleans.has(name)) {
      if (!booleans.get(name)) return false;
    } else if (name === "disabled") {
      if (readBoolean(name, value)) return false;
    } else if (name === "mode" && (value === "min" || value === "max" || value === "full")) {
      request.mode = value === "min" ? "min" : "max";
    } else if (name === "builder-id") {
      if (value !== "") request.builderId = value;
    } else if (name === "reproducible") {
      request.reproducible = readBoolean(name, value);
    } else if (!(name === "version" && value === "v1") && !withoutMeaning.has(name)) {
      throw new TypeError(`"${field}" is nothing that provenance can be asked for`);
    }
  }
  return request;
}

function readBoolean(name: string, value: string): boolean {
  const read = booleans.get(value);
  if (read === undefined) throw new TypeError(`${name} is true or false, not "${value}"`);
  return read;
}

/** The option in a query. */
export const provenanceText = z
  .string()
  .max(4096)
  .transform((text, context) => {
    try {
      return readProvenance(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  });

/** The option in JSON: the same text, a boolean, or what it means. */
export const provenanceOption = z.union([
  provenanceText,
  z.boolean().transform((wanted) => wanted && readProvenance("true")),
  provenanceRequest,
]);
