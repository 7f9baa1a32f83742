/** What can be wrong with a Dockerfile; a promise to those who branch on it. */
export type FaultCode =
  | "parse/too-large"
  | "parse/line-too-long"
  | "parse/empty"
  | "parse/directive"
  | "parse/unterminated-heredoc"
  | "parse/heredoc"
  | "parse/json-array"
  | "parse/key-value"
  | "parse/unknown-instruction"
  | "parse/unknown-flag"
  | "parse/flag-value"
  | "parse/arguments"
  | "parse/stage-name"
  | "parse/no-stage"
  | "parse/onbuild"
  | "parse/mount"
  | "parse/device"
  | "parse/healthcheck"
  | "lint/check-directive"
  | "lint/violation";

/** Something wrong in a piece of text whose place in the Dockerfile only the caller knows. */
export class Fault extends Error {
  override name = "Fault";
  readonly code: FaultCode;
  /** The offending word as written, to find its column. */
  readonly word: string | undefined;
  /** The misspelt word's likely correction; it is part of the message too. */
  readonly suggestion: string | undefined;

  constructor(
    code: FaultCode,
    message: string,
    details: { word?: string; suggestion?: string | undefined } = {},
  ) {
    super(details.suggestion === undefined ? message : `${message} (did you mean ${details.suggestion}?)`);
    this.code = code;
    this.word = details.word;
    this.suggestion = details.suggestion;
  }
}
