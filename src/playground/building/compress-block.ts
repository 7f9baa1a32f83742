import { zstdFrame } from "../../compression/members.ts";
import { BLOCK_LEVEL } from "../../store/block-packer.ts";
import { pause } from "../../streams/pause.ts";

/** Number of bytes to compress between two pauses. */
const PAUSE_BYTES = 1024 * 1024;

let sincePause = 0;

/** Compresses a block of a pack. Pauses regularly to keep the page responsive. */
export async function compressBlock(data: Uint8Array): Promise<Uint8Array> {
  sincePause += data.length;
  if (sincePause >= PAUSE_BYTES) {
    sincePause = 0;
    await pause(0);
  }
  return zstdFrame(data, BLOCK_LEVEL);
}
