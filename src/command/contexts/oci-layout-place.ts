/** Reads `PATH`, `PATH:TAG` or `PATH@DIGEST` of an OCI layout. */
export function readPlace(text: string): { path: string; wanted: { tag?: string; digest?: string } } {
  const at = /@(sha(?:256|512):[0-9a-f]+)$/.exec(text);
  if (at !== null) return { path: text.slice(0, at.index), wanted: { digest: at[1] as string } };
  const colon = /:([\w][\w.-]{0,127})$/.exec(text);
  if (colon !== null) return { path: text.slice(0, colon.index), wanted: { tag: colon[1] as string } };
  return { path: text, wanted: {} };
}
