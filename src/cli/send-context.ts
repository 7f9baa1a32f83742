import { readImageNames, scopeOf } from "../build/export.ts";
import type { Service } from "../client/service.ts";
import { type LocalContext, uploadContext } from "../client/upload-context.ts";
import type { BuildFlags } from "./build-flags.ts";

/** Sends what the server lacks of a context, under the name of the image that is built from it. */
export async function sendContext(
  service: Service,
  context: LocalContext,
  { options, progress }: BuildFlags,
): Promise<void> {
  const scope = scopeOf(readImageNames(options.tags ?? []));
  await uploadContext(service, scope, context, ({ files, sentBytes }) => {
    if (progress !== "plain") return;
    process.stderr.write(`sending context: ${files} files, ${(sentBytes / 1e6).toFixed(2)}MB\n`);
  });
}
