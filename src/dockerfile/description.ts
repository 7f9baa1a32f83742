/** What the comments above a stage or an argument say about it: the text behind its name on the first line that begins with it. */
export function describe(comments: readonly string[], name: string): string | undefined {
  return comments.find((comment) => comment.startsWith(`${name} `))?.slice(name.length + 1);
}
