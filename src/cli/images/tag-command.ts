import { Images } from "../../client/images.ts";
import { EXIT } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { imageAddressOf, parseImageName } from "../../command/outputs/own-name.ts";
import { command } from "../command.ts";

/** `varve tag`. */
export const tagCommand = command(
  {
    name: "tag",
    usage: "[OPTIONS] SOURCE TARGET [TARGET...]",
    summary: "Add a name to an image on the server",
    flags: serverFlags,
    args: [2, Number.POSITIVE_INFINITY],
  },
  async ({ values, args: [source = "", ...targets] }) => {
    targets.forEach(parseImageName);
    const service = await openFlaggedService(values);
    await new Images(service).tag(imageAddressOf(source), targets);
    return EXIT.ok;
  },
);
