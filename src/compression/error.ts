export type CompressionErrorCode =
  /** The compressed data end early. */
  | "truncated"
  | "corrupt"
  /** There are bytes after the compressed data. */
  | "trailing-garbage"
  /** The data exceed the size limit, or the compression ratio. */
  | "too-large"
  /** An unsupported feature of the format, such as a filter, or a window that needs too much memory. */
  | "unsupported";

/** Data cannot be decompressed. */
export class CompressionError extends Error {
  override name = "CompressionError";
  readonly code: CompressionErrorCode;

  constructor(code: CompressionErrorCode, format: string, reason: string, options?: ErrorOptions) {
    super(`Cannot decompress ${format}: ${reason}`, options);
    this.code = code;
  }
}

export function corruptError(format: string, reason: string): CompressionError {
  return new CompressionError("corrupt", format, reason);
}
