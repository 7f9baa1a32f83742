import { readable } from "../../streams/readable.ts";
import { RegistryError } from "../errors.ts";
import type { BlobUpload, IncomingBlob } from "../registry.ts";

/** A request of an upload session, sent to its latest address. */
interface UploadRequest {
  method: "PATCH" | "PUT" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: Uint8Array | ReadableStream<Uint8Array>;
}

/** Sends a request of an upload session and returns a successful response. */
export type SendUpload = (request: UploadRequest) => Promise<Response>;

const OCTETS = { "Content-Type": "application/octet-stream" };

/** An upload session of a remote registry. Its id is its address, which may change with each response. */
export class RemoteUpload implements BlobUpload {
  readonly #send: SendUpload;
  readonly #base: string;
  #location: string;
  #size: number;
  #isFinished = false;

  /**
   * @param response the registry's response with the address
   * @param base URL of the registry
   * @throws {RegistryError} `BAD_ANSWER` when there is no address
   */
  constructor(response: Response, base: string, send: SendUpload, id?: string) {
    this.#send = send;
    this.#base = base;
    this.#location = id ?? base;
    this.#size = receivedSize(response);
    this.#move(response, id === undefined);
  }

  get id(): string {
    return this.#location;
  }

  get size(): number {
    return this.#size;
  }

  /** Sends all bytes in one request. */
  async append({ source }: IncomingBlob): Promise<void> {
    let sent = 0;
    const counted = async function* () {
      for await (const chunk of source) {
        yield chunk;
        sent += chunk.length;
      }
    };
    await this.#patch(readable(counted()), OCTETS);
    this.#size += sent;
  }

  /** Sends a piece that follows the previous one. */
  async appendPiece(bytes: Uint8Array): Promise<void> {
    const range = `${this.#size}-${this.#size + bytes.length - 1}`;
    await this.#patch(bytes, { ...OCTETS, "Content-Range": range });
    this.#size += bytes.length;
  }

  async finish(digest: string, last?: IncomingBlob): Promise<void> {
    if (last !== undefined) await this.append(last);
    const url = new URL(this.#location);
    url.searchParams.set("digest", digest);
    await this.#send({ method: "PUT", url: url.href, headers: { "Content-Length": "0" } });
    this.#isFinished = true;
  }

  async cancel(): Promise<void> {
    if (this.#isFinished) return;
    await this.#send({ method: "DELETE", url: this.#location, headers: {} });
    this.#isFinished = true;
  }

  async #patch(body: Uint8Array | ReadableStream<Uint8Array>, headers: Record<string, string>) {
    this.#move(await this.#send({ method: "PATCH", url: this.#location, headers, body }), true);
  }

  #move(response: Response, isRequired: boolean): void {
    const location = response.headers.get("Location");
    if (location !== null) this.#location = new URL(location, response.url || this.#base).href;
    else if (isRequired) {
      throw new RegistryError("BAD_ANSWER", `${this.#base} sent no address for the upload`);
    }
  }
}

/** Splits bytes into pieces of one size; the last may be smaller. A piece is valid until the next one is requested. */
export async function* piecesOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(size);
  let length = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + size - length);
      piece.set(part, length);
      length += part.length;
      at += part.length;
      if (length < size) continue;
      yield piece;
      length = 0;
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}

/** The number of received bytes of an upload: `Range: 0-99` (distribution-spec, end-13). */
function receivedSize(response: Response): number {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get("Range") ?? "")?.[1];
  return last === undefined || last === "0" ? 0 : Number(last) + 1;
}
