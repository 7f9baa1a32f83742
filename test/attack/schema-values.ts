import fc from "fast-check";

/** A JSON schema, as far as the OpenAPI document uses it. */
export interface Schema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
}

/** Values of another kind than a schema requires. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    "",
    [],
    {},
    [[[[]]]],
    { toString: 1 },
    { constructor: null },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** One of this many values has another kind than its schema requires. */
const WRONG = 20;

/**
 * Values that match a schema, except some of their parts.
 * @param texts for the texts of the schema
 */
export function valuesOf(
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  texts: fc.Arbitrary<string>,
  depth = 0,
): fc.Arbitrary<unknown> {
  const right = shaped(schema, schemas, texts, depth);
  return fc.oneof({ weight: WRONG, arbitrary: right }, { weight: 1, arbitrary: anything });
}

function shaped(
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  texts: fc.Arbitrary<string>,
  depth: number,
): fc.Arbitrary<unknown> {
  const of = (inner: Schema) => valuesOf(inner, schemas, texts, depth + 1);
  if (depth > 8) return anything;
  if (schema.$ref !== undefined) return of(schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(of));
  switch (schema.type) {
    case "string":
      return fc.oneof(texts, ...(schema.pattern === undefined ? [] : [matching(schema.pattern)]));
    case "integer":
    case "number": {
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
      return fc.oneof(fc.constantFrom(0, 1, 2, minimum, maximum), fc.integer(), fc.double());
    }
    case "boolean":
      return fc.boolean();
    case "array":
      if (schema.prefixItems !== undefined) return fc.tuple(...schema.prefixItems.map(of));
      return fc.array(of(schema.items ?? {}), { maxLength: 4 });
    case "object": {
      const { properties = {}, required = [], additionalProperties: more } = schema;
      const known = fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, of(property)])),
        { requiredKeys: required.filter((name) => name in properties) },
      );
      if (typeof more !== "object") return known;
      const others = fc.dictionary(texts, of(more), { maxKeys: 4 });
      return fc.tuple(known, others).map(([first, second]) => ({ ...second, ...first }));
    }
    default:
      return anything;
  }
}

function matching(pattern: string): fc.Arbitrary<string> {
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    // It has something that fast-check cannot make.
    return fc.constantFrom("2030-01-01T00:00:00Z", "2020-02-29T12:00:00+02:00");
  }
}
