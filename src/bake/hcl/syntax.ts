import type { BakePosition } from "../error.ts";

/** The value of an expression. Objects and maps are one kind, as are tuples, lists and sets. */
export type Value = null | boolean | number | string | readonly Value[] | ReadonlyMap<string, Value>;

/** An expression of HCL (hashicorp/hcl, hclsyntax/spec.md). */
export type Expression = { at: BakePosition } & (
  | { kind: "literal"; value: Value }
  /** Parts of text; one part alone keeps its type. */
  | { kind: "template"; parts: readonly Expression[] }
  | { kind: "tuple"; items: readonly Expression[] }
  | { kind: "object"; items: readonly ObjectItem[] }
  | ForExpression
  | { kind: "call"; name: string; args: readonly Expression[]; isExpanded: boolean }
  | { kind: "variable"; name: string }
  | { kind: "attribute"; of: Expression; name: string }
  | { kind: "index"; of: Expression; key: Expression }
  /** Applies `each` to each element, which is the variable `splatItem` in it. */
  | { kind: "splat"; of: Expression; each: Expression }
  | { kind: "unary"; operator: "-" | "!"; operand: Expression }
  | { kind: "binary"; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: "conditional"; condition: Expression; yes: Expression; no: Expression }
);

export interface ObjectItem {
  key: Expression;
  value: Expression;
}

export interface ForExpression {
  kind: "for";
  keyName: string | undefined;
  valueName: string;
  collection: Expression;
  /** Absent in a `for` that makes a list. */
  key: Expression | undefined;
  value: Expression;
  isGrouped: boolean;
  condition: Expression | undefined;
  /** Whether the results are joined to one string, as for a `for` in a template. */
  isText: boolean;
}

/** Name of the variable for an element of a splat; not a name that a file can have. */
export const splatItem = "*";

export const binaryOperators = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/", "%"],
] as const;
export type BinaryOperator = (typeof binaryOperators)[number][number];

export interface Attribute {
  name: string;
  value: Expression;
  at: BakePosition;
}

export interface HclBlock {
  type: string;
  labels: readonly string[];
  body: HclBody;
  at: BakePosition;
}

export interface HclBody {
  attributes: readonly Attribute[];
  blocks: readonly HclBlock[];
}
