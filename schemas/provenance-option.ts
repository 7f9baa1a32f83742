import { z } from "zod";

/** Options of a provenance attestation. */
const provenanceRequest = z.strictObject({
  /** `min` leaves out details that may be private: arguments, labels, names of secrets, the Dockerfile. */
  mode: z.enum(["min", "max"]).default("max"),
  /** URI of the builder. Default: the server's. */
  builderId: z.string().max(2048).optional(),
  /** The client's claim that a second build gives the same bytes. */
  reproducible: z.boolean().default(false),
});
export type ProvenanceRequest = z.infer<typeof provenanceRequest>;

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);
/** Fields of buildx without a meaning for varve. */
const IGNORED = new Set(["type", "inline-only", "filename", "capture-usage", "complete-materials"]);

/**
 * Parses the option in the form of buildx and build-push-action: `true`, `false` or `mode=max,builder-id=https://…`.
 * @returns false for no provenance
 * @throws {TypeError} for an unknown field or value
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
    } else if (!(name === "version" && value === "v1") && !IGNORED.has(name)) {
      throw new TypeError(`"${field}" is not an option of provenance`);
    }
  }
  return request;
}

function readBoolean(name: string, value: string): boolean {
  const read = booleans.get(value);
  if (read === undefined) throw new TypeError(`${name} must be true or false, not "${value}"`);
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

/** The option in JSON: the same text, a boolean, or an object. */
export const provenanceOption = z.union([
  provenanceText,
  z.boolean().transform((wanted) => wanted && readProvenance("true")),
  provenanceRequest,
]);
