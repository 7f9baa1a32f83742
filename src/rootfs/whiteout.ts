/** Prefix of the name of a whiteout, which removes the rest of the name from lower layers (image-spec, layer.md). */
export const WHITEOUT = ".wh.";
/** Name of an opaque whiteout, which hides the entries of its directory in lower layers. */
export const OPAQUE_WHITEOUT = ".wh..wh..opq";
