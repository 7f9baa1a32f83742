import { parseJson } from "../streams/json.ts";

/** Largest manifest, index or config in bytes; distribution-spec requires registries to accept 4 MiB. */
export const MAX_DOCUMENT = 4 * 1024 * 1024;

/** Maximum number of annotations, labels or ports of one object. */
const MAX_ENTRIES = 10_000;

/** Foreign JSON is invalid; names the position. */
export class InvalidDocumentError extends Error {
  override name = "InvalidDocumentError";
  /** Position in the document, such as `layers[2].digest`; empty for the whole. */
  readonly path: string;

  constructor(kind: string, path: string, problem: string) {
    super(`Invalid ${kind}${path === "" ? "" : ` at ${path}`}: ${problem}`);
    this.path = path;
  }
}

/** Parses JSON that must be an object. @throws {InvalidDocumentError} */
export function readDocument(kind: string, bytes: Uint8Array): FieldReader {
  const fail = (problem: string) => new InvalidDocumentError(kind, "", problem);
  if (bytes.length > MAX_DOCUMENT) throw fail(`${bytes.length} bytes are more than ${MAX_DOCUMENT}`);
  let value: unknown;
  try {
    value = parseJson(new TextDecoder().decode(bytes));
  } catch {
    throw fail("not JSON");
  }
  if (!isObject(value)) throw fail("not a JSON object");
  return new FieldReader(kind, "", value);
}

/**
 * Reads the fields of a JSON object and checks their types. Like Go, treats `null` as absent and ignores unknown
 * fields.
 */
export class FieldReader {
  readonly #kind: string;
  readonly #path: string;
  readonly #fields: Record<string, unknown>;

  constructor(kind: string, path: string, fields: Record<string, unknown>) {
    this.#kind = kind;
    this.#path = path;
    this.#fields = fields;
  }

  error(field: string, problem: string): InvalidDocumentError {
    return new InvalidDocumentError(this.#kind, this.#at(field), problem);
  }

  has(field: string): boolean {
    return this.#get(field) !== undefined;
  }

  optionalString(field: string): string | undefined {
    const value = this.#get(field);
    if (value === undefined || typeof value === "string") return value;
    throw this.error(field, "not a string");
  }

  string(field: string): string {
    return this.optionalString(field) ?? this.#missing(field);
  }

  /** A non-negative safe integer. */
  integer(field: string): number {
    return this.optionalInteger(field) ?? this.#missing(field);
  }

  optionalInteger(field: string): number | undefined {
    const value = this.#get(field);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
    throw this.error(field, "not a non-negative integer");
  }

  optionalBoolean(field: string): boolean | undefined {
    const value = this.#get(field);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.error(field, "not a boolean");
  }

  optional<T>(field: string, read: (fields: FieldReader) => T): T | undefined {
    const value = this.#get(field);
    return value === undefined ? undefined : read(this.#open(field, value));
  }

  required<T>(field: string, read: (fields: FieldReader) => T): T {
    return read(this.#open(field, this.#get(field) ?? this.#missing(field)));
  }

  /** A list of objects; empty when the field is absent. */
  list<T>(field: string, max: number, read: (fields: FieldReader) => T): T[] {
    return this.#array(field, max).map((item, index) => read(this.#open(`${field}[${index}]`, item)));
  }

  /** A list of strings; undefined when the field is absent. */
  strings(field: string): string[] | undefined {
    if (this.#get(field) === undefined) return undefined;
    return this.#array(field, MAX_ENTRIES).map((item, index) => {
      if (typeof item !== "string") throw this.error(`${field}[${index}]`, "not a string");
      return item;
    });
  }

  /** An object whose values are all strings; undefined when the field is absent. */
  stringMap(field: string): Record<string, string> | undefined {
    const entries = this.#entries(field);
    return (
      entries &&
      Object.fromEntries(
        entries.map(([key, value]) => {
          if (typeof value !== "string") throw this.error(`${field}.${key}`, "not a string");
          return [key, value];
        }),
      )
    );
  }

  /** The keys of an object that is used as a set; undefined when the field is absent. */
  keys(field: string): string[] | undefined {
    return this.#entries(field)?.map(([key]) => key);
  }

  #entries(field: string): [string, unknown][] | undefined {
    const value = this.#get(field);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw this.error(field, "not an object");
    const entries = Object.entries(value);
    if (entries.length > MAX_ENTRIES) throw this.error(field, `more than ${MAX_ENTRIES} entries`);
    return entries;
  }

  #array(field: string, max: number): unknown[] {
    const value = this.#get(field) ?? [];
    if (!Array.isArray(value)) throw this.error(field, "not a list");
    if (value.length > max) throw this.error(field, `${value.length} entries are more than ${max}`);
    return value;
  }

  #open(field: string, value: unknown): FieldReader {
    if (!isObject(value)) throw this.error(field, "not an object");
    return new FieldReader(this.#kind, this.#at(field), value);
  }

  #get(field: string): unknown {
    return (Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined) ?? undefined;
  }

  #missing(field: string): never {
    throw this.error(field, "missing");
  }

  #at(field: string): string {
    return this.#path === "" ? field : `${this.#path}.${field}`;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
