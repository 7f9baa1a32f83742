import { CompressionError } from "../compression/error.ts";
import { EntryError } from "../rootfs/entry-error.ts";
import { ContentMismatchError } from "../streams/verify.ts";
import { TarError } from "../tar/error.ts";
import { LayerTypeError } from "./ingest.ts";

/** Whether an error says that a layer of somebody else is not what it should be. */
export function isLayerRefusal(error: unknown): error is Error {
  return [TarError, CompressionError, EntryError, ContentMismatchError, LayerTypeError].some(
    (refusal) => error instanceof refusal,
  );
}
