/** Flags of tar for extracting an archive from standard input with all that an image layer keeps of a file. */
export const EXTRACT: readonly string[] = [
  "--extract",
  "--file=-",
  "--numeric-owner",
  "--same-owner",
  "--preserve-permissions",
  "--xattrs",
  "--xattrs-include=*",
  "--warning=no-timestamp",
  // Otherwise a directory gets the present time when a later member is below it.
  "--delay-directory-restore",
];
