import { createReadStream, existsSync, statSync } from "node:fs";
import { Images } from "../../client/images.ts";
import { CommandError, EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { serviceOf } from "../../command/open-service.ts";
import { readable } from "../../streams/readable.ts";
import { command } from "../command.ts";

/** `varve load`. */
export const loadCommand = command(
  {
    name: "load",
    usage: "[OPTIONS]",
    summary: "Take images of `docker save` or an OCI layout into the server",
    about: "`varve build --load` and `varve save IMAGE | docker load` go the other way.",
    flags: {
      input: {
        kind: "text",
        short: "i",
        value: "FILE",
        completes: "file",
        help: "Read a file (default: stdin)",
      },
      quiet: { kind: "bool", short: "q", help: "Print nothing" },
      tag: { kind: "list", short: "t", value: "NAME", help: "Name of an image that has none in the archive" },
      ...serverFlags,
    },
    args: [0, 0],
  },
  async ({ values }) => {
    if (values.input === undefined && process.stdin.isTTY)
      throw new UsageError("requested load from stdin, but stdin is empty", "Name the archive with -i FILE.");
    if (values.input !== undefined && !existsSync(values.input))
      throw new CommandError(`open ${values.input}: no such file or directory`);
    if (values.input !== undefined && statSync(values.input).isDirectory())
      throw new CommandError(
        `read ${values.input}: is a directory`,
        "The archive is a tar: `tar -c -C DIR .` makes one.",
      );
    const service = await serviceOf(values);
    const archive = values.input === undefined ? process.stdin : createReadStream(values.input);
    const { images } = await new Images(service).load(readable(archive), values.tag);
    if (values.quiet) return EXIT.ok;
    for (const { name, tag, digest } of images) {
      process.stdout.write(`Loaded image: ${tag === undefined ? `${name}@${digest}` : `${name}:${tag}`}\n`);
    }
    return EXIT.ok;
  },
);
