import { sha256 } from "../streams/sha256.ts";

/** The chainID of a stack of layers, base first (image-spec, config.md, "Layer ChainID"). Undefined for no layers. */
export function chainId(diffIds: readonly string[]): string | undefined {
  let chain: string | undefined;
  for (const diffId of diffIds) chain = nextChainId(chain, diffId);
  return chain;
}

/** The chainID of a stack with one more layer on top. */
export function nextChainId(below: string | undefined, diffId: string): string {
  return below === undefined ? diffId : sha256(`${below} ${diffId}`);
}
