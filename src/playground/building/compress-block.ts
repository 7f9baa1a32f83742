import { zstdFrame } from "../../compression/members.ts";
import { BLOCK_LEVEL } from "../../store/block-packer.ts";
import { pause } from "../../streams/pause.ts";

/** Bytes to compress between two pauses. */
const TURN = 1024 * 1024;

let worked = 0;

/** Compresses a block of a pack. Pauses regularly, so that the page stays responsive. */
export async function compressBlock(data: Uint8Array): Promise<Uint8Array> {
  worked += data.length;
  if (worked >= TURN) {
    worked = 0;
    await pause(0);
  }
  return zstdFrame(data, BLOCK_LEVEL);
}
