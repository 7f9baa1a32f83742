import { Images } from "../../client/images.ts";
import { ServiceError } from "../../client/service.ts";
import { EXIT, errorText, exitCodeOf } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { imageAddressOf } from "../../command/outputs/own-name.ts";
import { command } from "../command.ts";

/** `varve rmi`. */
export const removeCommand = command(
  {
    name: "rmi",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Remove tags or images from the server",
    about:
      "NAME:TAG removes the tag; NAME@DIGEST removes the manifest with all its tags. `varve prune` then frees the space.",
    flags: {
      force: { kind: "bool", short: "f", help: "Ignore images that do not exist" },
      ...serverFlags,
    },
    args: [1, Number.POSITIVE_INFINITY],
  },
  async ({ values, args }) => {
    const addresses = args.map(imageAddressOf);
    const service = await openFlaggedService(values);
    const images = new Images(service);
    let status: number = EXIT.ok;
    for (const address of addresses) {
      try {
        const { untagged, deleted } = await images.remove(address);
        const lines = [
          ...untagged.map((tag) => `Untagged: ${tag}`),
          ...deleted.map((digest) => `Deleted: ${digest}`),
        ];
        process.stdout.write(lines.map((line) => `${line}\n`).join(""));
      } catch (error) {
        const isMissing = error instanceof ServiceError && error.problem.status === 404;
        if (!isMissing) throw error;
        if (values.force) continue;
        // The others are still removed, as in docker.
        process.stderr.write(errorText(error));
        status = exitCodeOf(error);
      }
    }
    return status;
  },
);
