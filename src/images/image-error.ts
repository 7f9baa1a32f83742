/** Stable codes of errors about images. */
type ImageErrorCode =
  | "platform-unknown"
  | "platform-invalid"
  /** An artifact, or a document that is not an image config. */
  | "not-an-image"
  | "layer-unknown"
  | "layer-unreadable"
  | "file-unknown"
  | "not-a-file"
  | "archive-invalid"
  | "name-invalid"
  | "name-missing";

/** A request about an image failed. */
export class ImageError extends Error {
  override name = "ImageError";
  readonly code: ImageErrorCode;
  /** Advice for the user. */
  readonly hint: string | undefined;

  constructor(code: ImageErrorCode, message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
  }
}
