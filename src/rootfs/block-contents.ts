import type { BlockReader } from "../store/block-reader.ts";
import type { Block, BlockList } from "../store/blocks.ts";
import type { Contents, StoredRange } from "./tree.ts";

/** File contents within the data of blocks. */
export class BlockContents implements Contents {
  readonly #reader: BlockReader;
  readonly #list: BlockList;
  readonly #at: number;
  readonly size: number;

  constructor(reader: BlockReader, list: BlockList, at: number, size: number) {
    this.#reader = reader;
    this.#list = list;
    this.#at = at;
    this.size = size;
  }

  prefetch(): void {
    const found = this.#find();
    if (found === undefined) return;
    let reach = this.size + found.skip;
    for (let block: Block | undefined = found.block; block !== undefined && reach > 0; block = block.next) {
      this.#reader.prefetch(block);
      reach -= block.size;
    }
  }

  part(offset: number, length: number): BlockContents {
    return new BlockContents(this.#reader, this.#list, this.#at + offset, length);
  }

  stored(): readonly StoredRange[] {
    return [{ list: this.#list, at: this.#at, size: this.size }];
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const found = this.#find();
    if (found === undefined) return;
    let { skip } = found;
    let missing = this.size;
    for (let block: Block | undefined = found.block; missing > 0; block = block.next) {
      if (block === undefined) throw this.#tooFew();
      const data = this.#reader.read(block);
      const part = (data instanceof Uint8Array ? data : await data).subarray(skip, skip + missing);
      missing -= part.length;
      skip = 0;
      yield part;
    }
  }

  #find(): { block: Block; skip: number } | undefined {
    if (this.size === 0) return undefined;
    const found = this.#list.find(this.#at);
    if (found === undefined) throw this.#tooFew();
    return found;
  }

  #tooFew(): Error {
    return new Error(`Cannot read ${this.size} bytes from byte ${this.#at}: the data has ${this.#list.size}`);
  }
}
