import { EXIT, UsageError } from "../../command/command-error.ts";
import type { ProgressKind } from "../../command/flags/build-flags.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { isHostOf, parseImageName, registryAddressOf } from "../../command/outputs/own-name.ts";
import { copyWithProgress, openImagePlace, openOwnRegistry } from "../../command/outputs/push-image.ts";
import { command } from "../command.ts";
import { openProgress } from "../terminal/open-progress.ts";
import { transferFlags } from "./transfer-flags.ts";

/** `varve pull`. */
export const pullCommand = command(
  {
    name: "pull",
    usage: "[OPTIONS] NAME",
    summary: "Copy an image from another registry to the server",
    about:
      "The image keeps its name, including the registry; use `varve tag` to add a name without it. Builds do not need this: the server fetches base images itself.",
    flags: { ...transferFlags, ...serverFlags },
    args: [1, 1],
  },
  async ({ values, args: [name = ""] }) => {
    const server = serverFlag(values.server, process.env);
    const reference = parseImageName(name);
    if (isHostOf(name, server)) {
      throw new UsageError(
        `"${name}" is already on the server`,
        `To copy it to docker, use: docker pull ${name}`,
      );
    }
    const to = {
      registry: await openOwnRegistry({ server, token: values.token }),
      ...registryAddressOf(name, server),
    };
    const from = await openImagePlace(reference);
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
