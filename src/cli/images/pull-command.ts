import { EXIT, UsageError } from "../../command/command-error.ts";
import type { ProgressKind } from "../../command/flags/build-flags.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { isHostOf, readReference, registryAddressOf } from "../../command/outputs/own-name.ts";
import { copyWithProgress, openOwnRegistry, placeOf } from "../../command/outputs/push-image.ts";
import { command } from "../command.ts";
import { openProgress } from "../terminal/open-progress.ts";
import { transferFlags } from "./transfer-flags.ts";

/** `varve pull`. */
export const pullCommand = command(
  {
    name: "pull",
    usage: "[OPTIONS] NAME",
    summary: "Copy an image of another registry to the server",
    about:
      "The server keeps it under the same name, with the registry; `varve tag` gives it a name of the server. Builds need no such thing: they fetch their base images themselves.",
    flags: { ...transferFlags, ...serverFlags },
    args: [1, 1],
  },
  async ({ values, args: [name = ""] }) => {
    const server = serverFlag(values.server, process.env);
    const reference = readReference(name);
    if (isHostOf(name, server)) {
      throw new UsageError(`"${name}" is at the server already`, `docker pull ${name} takes it from there.`);
    }
    const to = {
      registry: await openOwnRegistry({ server, token: values.token }),
      ...registryAddressOf(name, server),
    };
    const from = await placeOf(reference);
    const kind = values.quiet ? "quiet" : ((values.progress ?? "auto") as ProgressKind);
    const progress = await openProgress(kind, server);
    try {
      const digest = await copyWithProgress(from, to, {
        progress,
        step: `pulling ${name}`,
        referrers: false,
      });
      progress.end();
      process.stdout.write(values.quiet ? `${name}\n` : `${digest}\n`);
    } finally {
      progress.end();
    }
    return EXIT.ok;
  },
);
