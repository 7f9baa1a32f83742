import { CompressionError } from "../compression/error.ts";
import { EntryError } from "../rootfs/entry-error.ts";
import { ContentMismatchError } from "../streams/verify.ts";
import { TarError } from "../tar/error.ts";

/** The blob is not a file system layer. */
export class LayerTypeError extends Error {
  override name = "LayerTypeError";
}

/** Another invocation has read a layer and found that it is invalid. */
export class LayerRefusedError extends Error {
  override name = "LayerRefusedError";
}

/** Whether an error means that a foreign layer is invalid. */
export function isLayerRefusal(error: unknown): error is Error {
  if (error instanceof LayerRefusedError) return true;
  return [TarError, CompressionError, EntryError, ContentMismatchError, LayerTypeError].some(
    (refusal) => error instanceof refusal,
  );
}
