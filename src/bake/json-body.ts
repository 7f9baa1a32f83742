import { BakeError } from "./error.ts";
import { parseJsonExpression } from "./hcl/parse.ts";
import type { Attribute, Expression, HclBlock, HclBody } from "./hcl/syntax.ts";

/** Members of a document that are blocks with a label. */
const BLOCKS: ReadonlySet<string> = new Set(["function", "group", "target", "variable"]);

/** Parses a file in HCL's JSON syntax (hashicorp/hcl, json/spec.md). @throws {BakeError} */
export function parseJsonBody(text: string, file: string): HclBody {
  const attributes: Attribute[] = [];
  const blocks: HclBlock[] = [];
  for (const { name, value, at } of members(parseJsonExpression(text, file))) {
    if (BLOCKS.has(name)) blocks.push(...blocksOf(name, value));
    else attributes.push({ name, value, at });
  }
  return { attributes, blocks };
}

/** `{ "name": body }` or `{ "name": [body, body] }`, or a list of these. */
function blocksOf(type: string, value: Expression): HclBlock[] {
  if (value.kind === "tuple") return value.items.flatMap((item) => blocksOf(type, item));
  return members(value).flatMap(({ name, value: body, at }) => {
    const bodies = body.kind === "tuple" ? body.items : [body];
    return bodies.map((one) => ({
      type,
      labels: [name],
      body: { attributes: members(one), blocks: [] },
      at,
    }));
  });
}

/** The members of an object as attributes. Their names are literal text. */
function members(value: Expression): Attribute[] {
  if (value.kind !== "object") throw new BakeError("An object is required", value.at);
  return value.items
    .filter(({ key }) => !(key.kind === "literal" && key.value === "//"))
    .map((item) => {
      const { key } = item;
      if (key.kind !== "literal" || typeof key.value !== "string")
        throw new BakeError("The name of a member is a text", key.at);
      return { name: key.value, value: item.value, at: key.at };
    });
}
