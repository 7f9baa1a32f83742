/**
 * The description of a stage or an argument in the comments above it: the text after its name on the first line that
 * begins with the name.
 */
export function descriptionOf(comments: readonly string[], name: string): string | undefined {
  return comments.find((comment) => comment.startsWith(`${name} `))?.slice(name.length + 1);
}
