import { Images } from "../../client/images.ts";
import { command } from "../command.ts";
import { EXIT } from "../command-error.ts";
import { serviceOf } from "../open-service.ts";
import { addressOf, readReference } from "../own-name.ts";
import { serverFlags } from "../server-flag.ts";

/** `varve tag`. */
export const tagCommand = command(
  {
    name: "tag",
    usage: "[OPTIONS] SOURCE TARGET [TARGET...]",
    summary: "Give an image of the server another name",
    flags: serverFlags,
    args: [2, Number.POSITIVE_INFINITY],
  },
  async ({ values, args: [source = "", ...targets] }) => {
    targets.forEach(readReference);
    const service = await serviceOf(values);
    await new Images(service).tag(addressOf(source), targets);
    return EXIT.ok;
  },
);
