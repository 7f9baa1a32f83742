type TarErrorCode =
  /** The archive ends within a member. */
  | "truncated"
  | "bad-checksum"
  /** A field, an extended header or a sparse map is invalid. */
  | "bad-header"
  /** A member type that an image cannot contain. */
  | "unsupported-type"
  /** A path, or the target of a hard link, leaves the root. */
  | "escapes"
  /** A name that no file can have. */
  | "bad-name"
  | "name-too-long"
  | "too-deep"
  | "too-many-entries"
  | "too-large";

/** An archive is invalid; names the member at fault. */
export class TarError extends Error {
  override name = "TarError";
  readonly code: TarErrorCode;
  /** Name of the member as written; undefined before the first named member. */
  readonly entry: string | undefined;

  constructor(code: TarErrorCode, entry: string | undefined, reason: string) {
    super(
      entry === undefined
        ? `Cannot read tar: ${reason}`
        : `Cannot read tar entry ${quoteName(entry)}: ${reason}`,
    );
    this.code = code;
    this.entry = entry;
  }
}

/** Shortens and escapes a name, which may be long and have control characters. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}

/** The error for an archive that ends within a member. */
export function truncatedError(entry: string, missing: number): TarError {
  return new TarError("truncated", entry, `unexpected EOF, ${missing} bytes are missing`);
}

/** The bytes of a header, an extended header or a sparse map are invalid. `readTar` converts it to a `TarError`. */
export class HeaderError extends Error {
  override name = "HeaderError";
  readonly code: "bad-checksum" | "bad-header";

  constructor(reason: string, code: "bad-checksum" | "bad-header" = "bad-header") {
    super(reason);
    this.code = code;
  }
}
