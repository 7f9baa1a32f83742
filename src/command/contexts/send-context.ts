import { type LocalContext, uploadContext } from "../../client/upload-context.ts";
import { compressInPool } from "../../runner/tasks/zlib-pool.ts";
import { BLOCK_LEVEL } from "../../store/block-packer.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { ClientStep } from "../build/client-step.ts";

const compress = compressInPool("zstd");

/**
 * Sends what the server lacks of a context, under the name of the image that is built from it.
 * @param name of the step in the progress output
 */
export async function sendContext(
  context: LocalContext,
  name: string,
  { service, flags, progress }: BuildTools,
): Promise<void> {
  // Images without a name share one scope.
  const scope = flags.options.tags?.[0] ?? "";
  const step = new ClientStep(progress, name);
  step.start();
  await uploadContext(service, scope, context, {
    compress: (data) => compress(data, BLOCK_LEVEL),
    onProgress({ files, sentBytes, doneBytes, totalBytes }) {
      if (files > 0)
        step.report(`transferring ${files} file${files === 1 ? "" : "s"}:`, doneBytes, totalBytes);
      if (sentBytes > 0) step.report("sent:", sentBytes);
    },
  });
  step.done();
}
