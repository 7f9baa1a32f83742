import { createReadStream, existsSync, statSync } from "node:fs";
import { Images } from "../../client/images.ts";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { readable } from "../../streams/readable.ts";
import { command } from "../command.ts";

/** `varve load`. */
export const loadCommand = command(
  {
    name: "load",
    usage: "[OPTIONS]",
    summary: "Load images into the server, from `docker save` or an OCI layout",
    about:
      "To copy images from the server into docker: `varve build --load` or `varve save IMAGE | docker load`.",
    flags: {
      input: {
        kind: "text",
        short: "i",
        value: "FILE",
        completes: "file",
        help: "Read a file (default: stdin)",
      },
      quiet: { kind: "bool", short: "q", help: "Print nothing" },
      tag: {
        kind: "list",
        short: "t",
        value: "NAME",
        help: "Name for an image that has no name in the archive",
      },
      ...serverFlags,
    },
    args: [0, 0],
  },
  async ({ values }) => {
    if (values.input === undefined && process.stdin.isTTY)
      throw new UsageError("requested load from stdin, but stdin is empty", "Pass the archive with -i FILE.");
    if (values.input !== undefined && !existsSync(values.input))
      throw new CommandError(`open ${values.input}: no such file or directory`);
    if (values.input !== undefined && statSync(values.input).isDirectory())
      throw new CommandError(
        `read ${values.input}: is a directory`,
        "The archive must be a tar: create one with `tar -c -C DIR .`.",
      );
    const service = await openFlaggedService(values);
    const archive = values.input === undefined ? process.stdin : createReadStream(values.input);
    const { images } = await new Images(service).load(readable(archive), values.tag);
    if (values.quiet) return EXIT.ok;
    for (const { name, tag, digest } of images) {
      process.stdout.write(`Loaded image: ${tag === undefined ? `${name}@${digest}` : `${name}:${tag}`}\n`);
    }
    return EXIT.ok;
  },
);
