/** A place in a file; line and column count from 1. */
export interface BakePosition {
  file: string;
  line: number;
  column: number;
}

/** A bake file cannot be read, or does not say what can be built. The message begins with the place, where there is one. */
export class BakeError extends Error {
  override name = "BakeError";

  constructor(message: string, at?: BakePosition, options?: ErrorOptions) {
    super(at === undefined ? message : `${at.file}:${at.line},${at.column}: ${message}`, options);
  }
}
