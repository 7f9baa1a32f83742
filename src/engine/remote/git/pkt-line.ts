import type { ByteReader } from "../../../streams/byte-reader.ts";
import { spend } from "../../../streams/turns.ts";
import { GitError } from "./git-error.ts";

/** Maximum size in bytes of a packet with its four digits of length (gitprotocol-common(5)). */
const MAX_LINE = 65520;

/** One packet: its payload, or a marker without payload (gitprotocol-v2(5), "Packet-Line Framing"). */
export type Packet = Uint8Array | "flush" | "delimiter" | "response-end";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Cost of reading a packet, besides its bytes. */
const PACKET = 256;

export const FLUSH = "0000";
export const DELIMITER = "0001";

/** Encodes a text as a packet. */
export function packet(text: string): string {
  const size = encoder.encode(text).length + 4;
  if (size > MAX_LINE) throw new RangeError(`Cannot send a packet of ${size} bytes`);
  return size.toString(16).padStart(4, "0") + text;
}

/** Reads the next packet; undefined at the end of the source. @throws {GitError} for an invalid packet */
export async function readPacket(source: ByteReader): Promise<Packet | undefined> {
  const turn = spend(PACKET);
  if (turn !== undefined) await turn;
  const digits = source.take(4) ?? (await source.read(4));
  if (digits.length === 0) return undefined;
  const size = digits.length === 4 ? hexadecimal(digits) : -1;
  if (size === 0) return "flush";
  if (size === 1) return "delimiter";
  if (size === 2) return "response-end";
  if (size < 4 || size > MAX_LINE) {
    throw new GitError(
      "git-protocol",
      `Cannot read the response of the git server: ${JSON.stringify(decoder.decode(digits))} is not a packet length`,
    );
  }
  const payload = source.take(size - 4) ?? (await source.read(size - 4));
  if (payload.length !== size - 4) {
    throw new GitError("git-protocol", "Cannot read the response of the git server: it ends inside a packet");
  }
  return payload;
}

/** The text of a packet without its trailing newline. */
export function packetText(payload: Uint8Array): string {
  const end = payload.at(-1) === 0x0a ? payload.length - 1 : payload.length;
  return decoder.decode(payload.subarray(0, end));
}

function hexadecimal(digits: Uint8Array): number {
  let value = 0;
  for (const digit of digits) {
    const nibble =
      digit >= 0x30 && digit <= 0x39
        ? digit - 0x30
        : digit >= 0x61 && digit <= 0x66
          ? digit - 0x57
          : digit >= 0x41 && digit <= 0x46
            ? digit - 0x37
            : -1;
    if (nibble < 0) return -1;
    value = value * 16 + nibble;
  }
  return value;
}
