import type { ProgressKind } from "../build-flags.ts";
import { command } from "../command.ts";
import { EXIT, UsageError } from "../command-error.ts";
import { openProgress } from "../open-progress.ts";
import { addressOf, hasHost, isHostOf, readReference } from "../own-name.ts";
import { copyTold, openOwnRegistry, placeOf } from "../push-image.ts";
import { serverFlag, serverFlags } from "../server-flag.ts";
import { transferFlags } from "./transfer-flags.ts";

/** `varve push`. */
export const pushCommand = command(
  {
    name: "push",
    usage: "[OPTIONS] NAME [SOURCE]",
    summary: "Copy an image of the server to another registry",
    about:
      "NAME says the registry, as registry.example/team/app:1.2, and the image is the server's of the same name, or SOURCE. Only layers that the registry lacks travel, through this machine. Credentials are those of `varve login` or `docker login`.",
    flags: { ...transferFlags, ...serverFlags },
    args: [1, 2],
  },
  async ({ values, args: [name = "", source = name] }) => {
    const server = serverFlag(values.server, process.env);
    const reference = readReference(name);
    if (!hasHost(name) || isHostOf(name, server)) {
      throw new UsageError(
        `"${name}" names no other registry: the image is at the server already`,
        `Say where it goes, as docker.io/${name.replace(/^[^/]*[.:][^/]*\//, "")}.`,
      );
    }
    const from = { registry: await openOwnRegistry({ server, token: values.token }), ...addressOf(source) };
    const to = await placeOf(reference);
    const kind = values.quiet ? "quiet" : ((values.progress ?? "auto") as ProgressKind);
    const progress = await openProgress(kind, server);
    try {
      const digest = await copyTold(from, to, { progress, step: `pushing ${name}`, referrers: true });
      progress.end();
      process.stdout.write(values.quiet ? `${name}\n` : `${digest}\n`);
    } finally {
      progress.end();
    }
    return EXIT.ok;
  },
);
