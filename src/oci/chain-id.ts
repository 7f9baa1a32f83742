import { sha256 } from "../streams/sha256.ts";

/**
 * The identity of a stack of applied layers, base first (image-spec, config.md, "Layer ChainID"). Undefined for
 * no layers.
 */
export function chainId(diffIds: readonly string[]): string | undefined {
  let chain: string | undefined;
  for (const diffId of diffIds) chain = chain === undefined ? diffId : sha256(`${chain} ${diffId}`);
  return chain;
}
