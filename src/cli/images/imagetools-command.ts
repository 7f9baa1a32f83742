import { EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag, serverFlags } from "../../command/flags/server-flag.ts";
import { joinImages } from "../../command/outputs/join-images.ts";
import { command } from "../command.ts";

/** `varve imagetools create`. */
export const imagetoolsCommand = command(
  {
    name: "imagetools",
    usage: "create [OPTIONS] --tag NAME SOURCE [SOURCE...]",
    summary: "Join images of several platforms into one",
    about:
      "The images are those of the server, or of another registry that their names have, as registry.example/app@sha256:…. A source without a repository, as sha256:…, is an image of the repository of the first tag. The digest of the result is printed. Credentials are those of `varve login` or `docker login`.",
    flags: {
      tag: {
        kind: "list",
        short: "t",
        value: "NAME",
        help: "Name of the result; may be given several times",
      },
      annotation: { kind: "list", value: "KEY=VALUE", help: "Annotation of the index" },
      ...serverFlags,
    },
    args: [2, Number.POSITIVE_INFINITY],
    words: ["create"],
  },
  async ({ values, args: [action, ...sources] }) => {
    if (action !== "create") throw new UsageError(`varve imagetools has no "${action}": it has create`);
    const server = serverFlag(values.server, process.env);
    const { tag: tags, annotation: annotations, token } = values;
    process.stdout.write(`${await joinImages({ server, token, tags, sources, annotations })}\n`);
    return EXIT.ok;
  },
);
