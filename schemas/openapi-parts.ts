import { z } from "zod";

/** Converts a zod schema to OpenAPI 3.1. */
export function schema(type: z.ZodType): object {
  const { $schema, ...rest } = z.toJSONSchema(type, { io: "input", unrepresentable: "any" });
  return rest;
}

/** A reference to a named schema. */
export function ref(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

export function json(description: string, name: string): object {
  return { description, content: { "application/json": { schema: ref(name) } } };
}

export const failed = {
  description: "The error, its place, and what to do",
  content: { "application/problem+json": { schema: ref("problem") } },
};

export const binary = { schema: { type: "string", format: "binary" } };

/** Parameters of a query. Lists are repeated parameters. */
export function queryOf(object: z.ZodObject): object[] {
  return Object.entries(object.shape).map(([name, type]) => {
    const converted = schema(type as z.ZodType) as { type?: string };
    return {
      name,
      in: "query",
      schema: converted,
      ...(converted.type === "array" && { style: "form", explode: true }),
    };
  });
}

/** A parameter for requests whose body is in an upload. */
export const uploadedBodyParameter = {
  name: "body",
  in: "query",
  description:
    "URL of an upload that contains the body: the header Location of POST /v2/<name>/blobs/uploads/. For bodies above the limit of a proxy. Needs the right push on the repository of the upload.",
  schema: { type: "string" },
} as const;
