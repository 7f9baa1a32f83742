import type { ImageAddress } from "../../client/images.ts";
import { EXIT, UsageError } from "../../command/command-error.ts";
import type { ProgressKind } from "../../command/flags/build-flags.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { isHostOf, parseImageName, registryAddressOf } from "../../command/outputs/own-name.ts";
import { copyWithProgress, openImagePlace, openOwnRegistry } from "../../command/outputs/push-image.ts";
import { isAbsent } from "../../registry/errors.ts";
import { startsWithHost } from "../../registry/names.ts";
import type { RegistryReader } from "../../registry/registry.ts";
import { command } from "../command.ts";
import { openProgress } from "../terminal/open-progress.ts";
import { transferFlags } from "./transfer-flags.ts";

/** `varve push`. */
export const pushCommand = command(
  {
    name: "push",
    usage: "[OPTIONS] NAME [SOURCE]",
    summary: "Copy an image from the server to another registry",
    about:
      "NAME includes the registry, e.g. registry.example/team/app:1.2. SOURCE is the image on the server (default: NAME, or NAME without the registry). Sends only layers that the registry does not have, through this machine, with the credentials of `varve login` or `docker login`.",
    flags: { ...transferFlags, ...serverFlags },
    args: [1, 2],
  },
  async ({ values, args: [name = "", source] }) => {
    const server = serverFlag(values.server, process.env);
    const reference = parseImageName(name);
    if (!startsWithHost(name) || isHostOf(name, server)) {
      throw new UsageError(
        `"${name}" has no registry: the image is already on the server`,
        `Add the registry to the name, e.g. docker.io/${startsWithHost(name) ? name.slice(name.indexOf("/") + 1) : name}.`,
      );
    }
    const registry = await openOwnRegistry({ server, token: values.token });
    const address =
      source === undefined ? await sourceOf(registry, name, server) : registryAddressOf(source, server);
    const from = { registry, ...address };
    const to = await openImagePlace(reference);
    const kind = values.quiet ? "quiet" : ((values.progress ?? "auto") as ProgressKind);
    const progress = await openProgress(kind, server);
    try {
      const digest = await copyWithProgress(from, to, { progress, step: `pushing ${name}`, referrers: true });
      progress.end();
      process.stdout.write(values.quiet ? `${name}\n` : `${digest}\n`);
    } finally {
      progress.end();
    }
    return EXIT.ok;
  },
);

/** The server's image of the same name, with its host or, when there is none, without. */
async function sourceOf(registry: RegistryReader, name: string, server: string): Promise<ImageAddress> {
  const address = registryAddressOf(name, server);
  try {
    await registry.resolveManifest(address.name, address.reference);
    return address;
  } catch (error) {
    if (!isAbsent(error)) throw error;
    const { path } = parseImageName(name);
    return { ...address, name: path };
  }
}
