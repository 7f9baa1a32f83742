import { Images } from "../../client/images.ts";
import { EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { imageAddressOf } from "../../command/outputs/own-name.ts";
import { writeTo } from "../../command/outputs/write-to.ts";
import { chunks } from "../../streams/chunks.ts";
import { command } from "../command.ts";

/** `varve save`. */
export const saveCommand = command(
  {
    name: "save",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Write images to an archive for `docker load`",
    flags: {
      format: {
        kind: "text",
        choices: ["docker", "oci"],
        value: "KIND",
        help: "Format of the archive: docker, or oci for a plain OCI layout",
      },
      output: {
        kind: "text",
        short: "o",
        value: "FILE",
        completes: "file",
        help: "Write to a file (default: stdout)",
      },
      platform: {
        kind: "text",
        value: "LIST",
        help: "Platform of the image, e.g. linux/arm64; oci accepts several",
      },
      ...serverFlags,
    },
    args: [1, Number.POSITIVE_INFINITY],
  },
  async ({ values, args }) => {
    if (values.output === undefined && process.stdout.isTTY)
      throw new UsageError("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    const service = await openFlaggedService(values);
    const format = (values.format ?? "docker") as "docker" | "oci";
    const archive = await new Images(service).archiveOf(args.map(nameOf), {
      format,
      platform: values.platform,
    });
    await writeTo(values.output ?? "-", chunks(archive.body as ReadableStream<Uint8Array>));
    return EXIT.ok;
  },
);

function nameOf(text: string): string {
  const { name, reference } = imageAddressOf(text);
  return `${name}${reference.includes(":") ? "@" : ":"}${reference}`;
}
