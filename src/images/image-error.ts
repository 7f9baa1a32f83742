/** Why an image cannot be looked at; a promise to those who branch on it. */
export type ImageErrorCode =
  | "platform-unknown"
  | "platform-invalid"
  /** An artifact, or a document that should be a config and is none. */
  | "not-an-image"
  | "layer-unknown"
  | "layer-unreadable"
  | "file-unknown"
  | "not-a-file"
  | "archive-invalid"
  | "name-invalid"
  | "name-missing";

/** What is asked of an image and cannot be had. */
export class ImageError extends Error {
  override name = "ImageError";
  readonly code: ImageErrorCode;
  /** What to do. */
  readonly hint: string | undefined;

  constructor(code: ImageErrorCode, message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint;
  }
}
