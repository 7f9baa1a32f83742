/** The kind of a token, which decides its colour. */
export type TokenKind =
  | "keyword"
  | "unknown"
  | "flag"
  | "string"
  | "variable"
  | "comment"
  | "directive"
  | "heredoc"
  | "body"
  | "escape"
  | "name";
