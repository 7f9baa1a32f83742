/** A place in a file; line and column count from 1. */
export interface BakePosition {
  file: string;
  line: number;
  column: number;
}

/** A bake or compose file is invalid. The message begins with the position in the file, if there is one. */
export class BakeError extends Error {
  override name = "BakeError";

  constructor(message: string, at?: BakePosition) {
    super(at === undefined ? message : `${at.file}:${at.line},${at.column}: ${message}`);
  }
}

/** @throws {BakeError} */
export function fail(message: string, at?: BakePosition): never {
  throw new BakeError(message, at);
}
