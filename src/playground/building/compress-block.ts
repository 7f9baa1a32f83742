import { zstdFrame } from "../../compression/members.ts";
import { BLOCK_LEVEL } from "../../store/block-packer.ts";

/** Bytes between two pauses. */
const TURN = 1024 * 1024;

let worked = 0;

/** Compresses a block of a pack. The page draws now and then meanwhile. */
export async function compressBlock(data: Uint8Array): Promise<Uint8Array> {
  worked += data.length;
  if (worked >= TURN) {
    worked = 0;
    await new Promise((resolve) => setTimeout(resolve));
  }
  return zstdFrame(data, BLOCK_LEVEL);
}
