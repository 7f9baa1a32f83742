/** Stable codes of errors in a Dockerfile. */
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

/** An error in a piece of text; only the caller knows its position in the Dockerfile. */
export class Fault extends Error {
  override name = "Fault";
  readonly code: FaultCode;
  /** The word at fault as written, for finding its column. */
  readonly word: string | undefined;
  /** The likely correction of a misspelt word; also part of the message. */
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
