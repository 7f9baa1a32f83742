import { suggest } from "../dockerfile/suggest.ts";
import { BakeError, type BakePosition } from "./error.ts";
import type { Expression, HclBlock } from "./hcl/syntax.ts";

const TARGET_NAME = /^[a-zA-Z0-9_-]+$/;

/** The value of an argument of a block; undefined when it is not set. */
export function argument(block: HclBlock | undefined, name: string): Expression | undefined {
  return block?.body.attributes.find((attribute) => attribute.name === name)?.value;
}

/** A position as messages show it. */
export function place({ file, line, column }: BakePosition): string {
  return `${file}:${line},${column}`;
}

/** A suggestion for a misspelt name, which ends a message. */
export function didYouMean(name: string, names: readonly string[]): string {
  const near = suggest(name, names);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

/** Rejects an invalid name of a target or group. @throws {BakeError} */
export function checkName(name: string, at: BakePosition): void {
  if (!TARGET_NAME.test(name))
    throw new BakeError(
      `The name ${JSON.stringify(name)} is not valid: only "[a-zA-Z0-9_-]+" are allowed`,
      at,
    );
}
