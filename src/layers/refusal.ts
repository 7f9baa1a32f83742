import { CompressionError } from "../compression/error.ts";
import { EntryError } from "../rootfs/entry-error.ts";
import { ContentMismatchError } from "../streams/verify.ts";
import { TarError } from "../tar/error.ts";

/** A layer is invalid: no layer has its media type, or another invocation has read it. */
export class LayerRefusedError extends Error {
  override name = "LayerRefusedError";
}

/** Whether an error means that a foreign layer is invalid. */
export function isLayerRefusal(error: unknown): error is Error {
  return [TarError, CompressionError, EntryError, ContentMismatchError, LayerRefusedError].some(
    (refusal) => error instanceof refusal,
  );
}
