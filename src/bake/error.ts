/** A place in a file; line and column count from 1. */
export interface Position {
  file: string;
  line: number;
  column: number;
}

/** A bake file cannot be read, or does not say what can be built. The message begins with the place, where there is one. */
export class BakeError extends Error {
  override name = "BakeError";

  constructor(message: string, at?: Position, options?: ErrorOptions) {
    super(at === undefined ? message : `${at.file}:${at.line},${at.column}: ${message}`, options);
  }
}
