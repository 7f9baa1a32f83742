import { EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { ignored } from "../../command/flags/table.ts";
import { joinImages } from "../../command/outputs/join-images.ts";
import { command } from "../command.ts";

/** `varve imagetools create`. */
export const imagetoolsCommand = command(
  {
    name: "imagetools",
    usage: "create [OPTIONS] --tag NAME SOURCE [SOURCE...]",
    summary: "Join images of several platforms into one image",
    about:
      "Sources are images on the server, or in the registry in their names, e.g. registry.example/app@sha256:…. A digest without a repository is an image in the repository of the first tag. Prints the digest of the result. Uses the credentials of `varve login` or `docker login`.",
    flags: {
      tag: {
        kind: "list",
        short: "t",
        value: "NAME",
        help: "Name of the result; repeatable",
      },
      annotation: { kind: "list", value: "KEY=VALUE", help: "Add an annotation to the index" },
      builder: ignored("text", "the server is the only builder"),
      progress: ignored("text", "it prints only the digest"),
      ...serverFlags,
    },
    args: [1, Number.POSITIVE_INFINITY],
    words: ["create"],
  },
  async ({ values, args: [action, ...sources] }) => {
    if (action !== "create")
      throw new UsageError(
        `unknown action "${action}": varve imagetools only has create`,
        action === "inspect" ? "varve inspect IMAGE prints an image of the server." : undefined,
      );
    const server = serverFlag(values.server, process.env);
    if (sources.length === 0) throw new UsageError("no source: set at least one image to join");
    const { tag: tags, annotation: annotations, token } = values;
    process.stdout.write(`${await joinImages({ server, token, tags, sources, annotations })}\n`);
    return EXIT.ok;
  },
);
