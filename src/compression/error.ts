export type CompressionErrorCode =
  /** The compressed data end too early. */
  | "truncated"
  | "corrupt"
  /** Something follows the compressed data. */
  | "trailing-garbage"
  /** They are larger than allowed, or larger than so few bytes should become. */
  | "too-large"
  /** A feature of the format that is not read, such as a filter or a window that needs too much memory. */
  | "unsupported";

/** Data that cannot be decompressed. */
export class CompressionError extends Error {
  override name = "CompressionError";
  readonly code: CompressionErrorCode;

  constructor(code: CompressionErrorCode, format: string, reason: string, options?: ErrorOptions) {
    super(`Cannot decompress ${format}: ${reason}`, options);
    this.code = code;
  }
}
