import { BakeError } from "./error.ts";
import { parseJsonExpression } from "./hcl/parse-json.ts";
import type { Attribute, Expression, HclBlock, HclBody } from "./hcl/syntax.ts";

/** Members of a document that are blocks with a label. */
const BLOCKS: ReadonlySet<string> = new Set(["function", "group", "target", "variable"]);

/** Members of this name have no effect. */
const COMMENT = "//";

/** Parses a file in HCL's JSON syntax (hashicorp/hcl, json/spec.md). @throws {BakeError} */
export function parseJsonBody(text: string, file: string): HclBody {
  const attributes: Attribute[] = [];
  const blocks: HclBlock[] = [];
  for (const { name, value, at } of members(parseJsonExpression(text, file))) {
    if (BLOCKS.has(name)) blocks.push(...blocksOf(name, value));
    else attributes.push({ name, value: withoutDuplicates(value), at });
  }
  return { attributes, blocks };
}

/** `{ "name": body }` or `{ "name": [body, body] }`, or a list of these. */
function blocksOf(type: string, value: Expression): HclBlock[] {
  if (isNull(value)) return [];
  if (value.kind === "tuple") return value.items.flatMap((item) => blocksOf(type, item));
  return members(value).flatMap(({ name, value: body, at }) => {
    const bodies = body.kind === "tuple" ? body.items : [body];
    return bodies
      .filter((one) => !isNull(one))
      .map((one) => {
        const attributes = members(withoutDuplicates(one));
        const isFunction = type === "function";
        return {
          type,
          labels: [name],
          body: { attributes: isFunction ? attributes.map(withParameterNames) : attributes, blocks: [] },
          at,
        };
      });
  });
}

function isNull(value: Expression): boolean {
  return value.kind === "literal" && value.value === null;
}

/** Checks that no object in a value has a name twice; for blocks that is allowed. */
function withoutDuplicates(value: Expression): Expression {
  if (value.kind === "tuple") for (const item of value.items) withoutDuplicates(item);
  if (value.kind !== "object") return value;
  const names = new Set<unknown>();
  for (const { key, value: item } of value.items) {
    const name = key.kind === "literal" ? key.value : key;
    if (names.has(name) && name !== COMMENT)
      throw new BakeError(`The member ${JSON.stringify(name)} is set twice`, key.at);
    names.add(name);
    withoutDuplicates(item);
  }
  return value;
}

/** The members of an object as attributes. Their names are literal text. */
function members(value: Expression): Attribute[] {
  if (value.kind !== "object") throw new BakeError("An object is required", value.at);
  return value.items
    .filter(({ key }) => !(key.kind === "literal" && key.value === COMMENT))
    .map((item) => {
      const { key } = item;
      if (key.kind !== "literal" || typeof key.value !== "string")
        throw new BakeError("The name of a member must be a string", key.at);
      return { name: key.value, value: item.value, at: key.at };
    });
}

/** Names of parameters are texts in JSON, and words in HCL's native syntax. */
function withParameterNames(attribute: Attribute): Attribute {
  const { name, value } = attribute;
  if (name === "variadic_params") return { ...attribute, value: word(value) };
  if (name !== "params" || value.kind !== "tuple") return attribute;
  return { ...attribute, value: { ...value, items: value.items.map(word) } };
}

function word(value: Expression): Expression {
  if (value.kind !== "literal" || typeof value.value !== "string") return value;
  return { kind: "variable", name: value.value, at: value.at };
}
