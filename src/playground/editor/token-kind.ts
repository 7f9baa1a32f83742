/** What a stretch of the text is, which decides its colour. */
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
