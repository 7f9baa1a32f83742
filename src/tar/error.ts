export type TarErrorCode =
  /** The archive ends in the middle of a member. */
  | "truncated"
  | "bad-checksum"
  /** A field, an extended header or a sparse map that means nothing. */
  | "bad-header"
  /** A type of member that no image can hold. */
  | "unsupported-type"
  /** A path or the target of a hard link that leads out of the root. */
  | "escapes"
  /** A name that no file can have. */
  | "bad-name"
  | "name-too-long"
  | "too-deep"
  | "too-many-entries"
  | "too-large";

/** An archive that cannot be read, and at which member. */
export class TarError extends Error {
  override name = "TarError";
  readonly code: TarErrorCode;
  /** Name of the member as it was written; undefined before the first one that has a name. */
  readonly entry: string | undefined;

  constructor(code: TarErrorCode, entry: string | undefined, reason: string) {
    super(
      entry === undefined ? `Cannot read tar: ${reason}` : `Cannot read tar entry ${quote(entry)}: ${reason}`,
    );
    this.code = code;
    this.entry = entry;
  }
}

/** Hostile names are long and full of control characters; messages are not. */
function quote(name: string): string {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}

/** The archive ends in the middle of a member. */
export function truncated(entry: string, missing: number): TarError {
  return new TarError("truncated", entry, `unexpected EOF, ${missing} bytes are missing`);
}

/** The bytes of a header, an extended header or a sparse map mean nothing. `readTar` makes a `TarError` of it. */
export class HeaderError extends Error {
  override name = "HeaderError";
  readonly code: "bad-checksum" | "bad-header";

  constructor(reason: string, code: "bad-checksum" | "bad-header" = "bad-header") {
    super(reason);
    this.code = code;
  }
}
