import { CompressionError } from "../compression/error.ts";
import { EntryError } from "../rootfs/entry-error.ts";
import { ContentMismatchError } from "../streams/verify.ts";
import { TarError } from "../tar/error.ts";
import { LayerTypeError } from "./ingest.ts";

/** Whether an error means that a foreign layer is invalid. */
export function isLayerRefusal(error: unknown): error is Error {
  return [TarError, CompressionError, EntryError, ContentMismatchError, LayerTypeError].some(
    (refusal) => error instanceof refusal,
  );
}
