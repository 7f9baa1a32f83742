import { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { MemberBody, WholeBody } from "./body.ts";
import type { Entry } from "./entry.ts";
import { HeaderError, TarError, truncatedError } from "./error.ts";
import { isExtension, NO_EXTENSIONS, readExtension } from "./extensions.ts";
import { type Header, isZero, paddingSize, readHeader, TAR_BLOCK } from "./header.ts";
import { type EscapePolicy, NAME_LIMITS, type NameLimits } from "./path.ts";
import { type Holes, isSparse, MapReader, readHoles } from "./sparse.ts";
import { bodySize, memberName, toEntry } from "./to-entry.ts";

/** One member of an archive. */
export interface TarMember {
  entry: Entry;
  /** The name as written in the archive. */
  name: string;
  /** Contents of a file with holes filled. Can be read once, and only until the next member is requested. */
  body: AsyncIterable<Uint8Array>;
  /**
   * The same contents when they are already in memory; always for a file of at most 64 KiB. A view, so keeping it keeps
   * a chunk of the archive.
   */
  bytes: Uint8Array | undefined;
}

/** Limits of an archive, and handling of invalid names. */
export interface TarOptions extends Partial<NameLimits> {
  /** Handling of names that leave the root. Default `clamp`. */
  escapes?: EscapePolicy;
  /** Maximum number of members. Default 500,000. */
  maxEntries?: number;
  /** Maximum number of bytes of all files together, with holes filled. Default 16 GiB. */
  maxBytes?: number;
  /** Maximum size in bytes of an extended header or a sparse map. Default 1 MiB. */
  maxPaxBytes?: number;
  /**
   * Whether to read the rest of the source after the end of the archive, so that a verifying source finishes. Default
   * true.
   */
  drain?: boolean;
}

const DEFAULTS = {
  escapes: "clamp",
  maxEntries: 500_000,
  ...NAME_LIMITS,
  maxBytes: 16 * 2 ** 30,
  maxPaxBytes: 2 ** 20,
  drain: true,
} as const satisfies Required<TarOptions>;

/** Files up to this size are always returned in memory. */
const SMALL = 65536;
/** Cost of a header and its member, which may be only a name. */
const HEADER = 16384;
/** Maximum number of consecutive extended headers. */
const EXTENSIONS_PER_ENTRY = 16;

/**
 * Reads the members of an archive in any of the formats v7, ustar, star, pax and GNU. Skips unread bodies. Ignores
 * global extended headers, like BuildKit.
 * @throws {TarError} for a truncated archive with "unexpected EOF"
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  options: TarOptions = {},
): AsyncGenerator<TarMember, void, undefined> {
  const limits: Required<TarOptions> = { ...DEFAULTS, ...options };
  const reader = new ByteReader(source);
  const count = new Count(limits);
  const last: Last = { name: undefined };
  try {
    for (;;) {
      const head = await readHead(reader, count, limits, last);
      if (head === undefined) break;
      if (head === "global") continue;
      const { entry, name, stored, holes } = head;
      count.entry(name, entry.size);

      const bytes =
        holes === undefined ? (reader.take(stored) ?? (await readSmall(reader, name, stored))) : undefined;
      if (bytes !== undefined) {
        yield { entry, name, body: new WholeBody(bytes), bytes };
      } else {
        const body = new MemberBody(reader, name, stored, holes);
        yield { entry, name, body, bytes };
        body.close();
        await skip(reader, name, body.left);
      }
      const pad = paddingSize(stored);
      if (reader.take(pad) === undefined) await reader.skip(pad);
    }
    if (limits.drain) await reader.skip(Number.POSITIVE_INFINITY);
  } catch (error) {
    throw error instanceof HeaderError ? new TarError(error.code, last.name, error.message) : error;
  } finally {
    await reader.close();
  }
}

/**
 * Whether a source begins as an archive: its first member has valid headers, whatever follows. Like Go's archive/tar, by
 * which BuildKit decides, counts a global extended header as a member. An empty archive has none.
 */
export async function beginsAsTar(source: AsyncIterable<Uint8Array>): Promise<boolean> {
  const reader = new ByteReader(source);
  try {
    const head = await readHead(reader, new Count(DEFAULTS), DEFAULTS, { name: undefined });
    return head !== undefined;
  } catch (error) {
    if (error instanceof HeaderError) return false;
    // A valid header may name a file that no image can have.
    if (error instanceof TarError) return !["truncated", "bad-header", "bad-checksum"].includes(error.code);
    throw error;
  } finally {
    await reader.close();
  }
}

/** A member before its contents. */
interface Head {
  entry: Entry;
  name: string;
  /** Bytes in the archive. */
  stored: number;
  holes: Holes | undefined;
}

/** The last member whose name is known. */
interface Last {
  name: string | undefined;
}

/** Reads the headers of the next member; undefined at the end. A global extended header affects nothing. */
async function readHead(
  reader: ByteReader,
  count: Count,
  limits: Required<TarOptions>,
  last: Last,
): Promise<Head | "global" | undefined> {
  for (let extensions = NO_EXTENSIONS; ; ) {
    const turn = spend(HEADER);
    if (turn !== undefined) await turn;
    const block = reader.take(TAR_BLOCK) ?? (await readBlock(reader, last.name));
    if (block === undefined || (block[0] === 0 && isZero(block))) {
      if (extensions !== NO_EXTENSIONS) {
        throw block === undefined
          ? truncatedHeader(last.name)
          : new HeaderError("extended header without a member");
      }
      if (block !== undefined) await expectZeros(reader);
      return undefined;
    }
    const header = parse(block, last.name);
    last.name = header.name;
    if (isExtension(header)) {
      count.extension(header.name);
      extensions = await readExtension(header, reader, extensions, limits.maxPaxBytes);
      if (header.type === "g") return "global";
      continue;
    }
    const name = memberName(header, extensions);
    last.name = name;
    const entry = toEntry(header, extensions, name, limits);
    let stored = bodySize(header, extensions, entry.type);
    let holes: Holes | undefined;
    // Sparse records apply only to files, which have contents.
    if (entry.type === "file" && isSparse(header.type, extensions.records)) {
      const map = new MapReader(reader, name, limits.maxPaxBytes);
      holes = await readHoles(block, extensions.records, stored, map);
      stored = holes.stored;
    }
    if (entry.type === "file") entry.size = holes?.size ?? stored;
    return { entry, name, stored, holes };
  }
}

/** The next header block; undefined at the end of the source. */
async function readBlock(reader: ByteReader, after: string | undefined): Promise<Uint8Array | undefined> {
  const block = await reader.read(TAR_BLOCK);
  if (block.length === 0) return undefined;
  if (block.length < TAR_BLOCK) throw truncatedHeader(after);
  return block;
}

/** A block of zeros is followed by another one, or by the end. */
async function expectZeros(reader: ByteReader): Promise<void> {
  const block = reader.take(TAR_BLOCK) ?? (await reader.read(TAR_BLOCK));
  if (!isZero(block)) throw new HeaderError("a header after the end of the archive");
}

function parse(block: Uint8Array, after: string | undefined): Header {
  try {
    return readHeader(block);
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    throw new TarError(error.code, undefined, `${error.message}${place(after)}`);
  }
}

function truncatedHeader(after: string | undefined): TarError {
  return new TarError("truncated", undefined, `unexpected EOF in a header${place(after)}`);
}

function place(after: string | undefined): string {
  return after === undefined ? ", at the start" : `, after ${JSON.stringify(after.slice(0, 300))}`;
}

async function skip(reader: ByteReader, name: string, count: number): Promise<void> {
  const missing = count - (await reader.skip(count));
  if (missing > 0) throw truncatedError(name, missing);
}

/** A small file that spans chunks; undefined when it is not small. */
async function readSmall(reader: ByteReader, name: string, size: number): Promise<Uint8Array | undefined> {
  if (size > SMALL) return undefined;
  const bytes = await reader.read(size);
  if (bytes.length < size) throw truncatedError(name, size - bytes.length);
  return bytes;
}

/** Applies the limits of an archive. */
class Count {
  readonly #limits: Required<TarOptions>;
  #entries = 0;
  #extensions = 0;
  #bytes = 0;

  constructor(limits: Required<TarOptions>) {
    this.#limits = limits;
  }

  entry(name: string, size: number): void {
    const { maxEntries, maxBytes } = this.#limits;
    this.#entries += 1;
    this.#extensions = 0;
    this.#bytes += size;
    if (this.#entries > maxEntries)
      throw new TarError("too-many-entries", name, `more than ${maxEntries} entries`);
    if (this.#bytes > maxBytes) throw new TarError("too-large", name, `more than ${maxBytes} bytes of files`);
  }

  extension(name: string): void {
    this.#extensions += 1;
    if (this.#extensions > EXTENSIONS_PER_ENTRY) {
      throw new TarError(
        "too-many-entries",
        name,
        `more than ${EXTENSIONS_PER_ENTRY} extended headers in a row`,
      );
    }
  }
}
