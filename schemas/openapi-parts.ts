import { z } from "zod";

/** A zod schema as OpenAPI 3.1 has it. */
export function schema(type: z.ZodType): object {
  const { $schema, ...rest } = z.toJSONSchema(type, { io: "input", unrepresentable: "any" });
  return rest;
}

/** A schema that the description names. */
export function ref(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

export function json(description: string, name: string): object {
  return { description, content: { "application/json": { schema: ref(name) } } };
}

export const failed = {
  description: "What is wrong, where, and what to do",
  content: { "application/problem+json": { schema: ref("problem") } },
};

export const binary = { schema: { type: "string", format: "binary" } };

/** Parameters of a query; those that are lists may be repeated. */
export function queryOf(object: z.ZodObject): object[] {
  return Object.entries(object.shape).map(([name, type]) => {
    const told = schema(type as z.ZodType) as { type?: string };
    return {
      name,
      in: "query",
      schema: told,
      ...(told.type === "array" && { style: "form", explode: true }),
    };
  });
}

/** The body of the request is in an upload. */
export const uploadedBody = {
  name: "body",
  in: "query",
  description:
    "The address of an upload whose bytes are the body: the header Location of POST /v2/<name>/blobs/uploads/. For bodies above the limit of a proxy; takes the right push on the repository of the upload.",
  schema: { type: "string" },
} as const;
