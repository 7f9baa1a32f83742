import type { ImageInspection } from "../../../schemas/images.ts";
import { Images } from "../../client/images.ts";
import { EXIT } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { imageAddressOf } from "../../command/outputs/own-name.ts";
import { command } from "../command.ts";
import { formatValue } from "../format/format-text.ts";

/** `varve inspect`: a JSON array, as docker prints it. */
export const inspectCommand = command(
  {
    name: "inspect",
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    summary: "Print the details of images as JSON",
    flags: {
      format: {
        kind: "text",
        short: "f",
        value: "FORMAT",
        help: "json (on one line), or a Go template for each image, e.g. {{.Config.User}}",
      },
      platform: { kind: "text", value: "PLATFORM", help: "Platform of the image, e.g. linux/arm64" },
      ...serverFlags,
    },
    args: [1, Number.POSITIVE_INFINITY],
  },
  async ({ values, args }) => {
    const service = await openFlaggedService(values);
    const images = new Images(service);
    const found = await Promise.all(
      args.map((name) => images.inspect(imageAddressOf(name), values.platform)),
    );
    const { format } = values;
    const shown = found.map(dockerFields);
    if (format !== undefined && format !== "json")
      process.stdout.write(shown.map((image) => formatValue(withAllFields(image), format)).join(""));
    else process.stdout.write(`${JSON.stringify(shown, null, format === undefined ? 4 : undefined)}\n`);
    return EXIT.ok;
  },
);

/** Adds the fields that docker has in every image, so that templates print them as empty. */
function withAllFields(image: Inspected): object {
  return { Variant: "", ...image, Config: { ...emptyConfig, ...image.Config } };
}

const emptyConfig = {
  User: "",
  ExposedPorts: {},
  Env: [],
  Entrypoint: [],
  Cmd: [],
  Volumes: {},
  WorkingDir: "",
  Labels: {},
  StopSignal: "",
};

type Inspected = ReturnType<typeof dockerFields>;

/** Docker's fields, followed by those that docker does not have. */
function dockerFields(image: ImageInspection) {
  const { name, descriptor, tags, layers } = image;
  return {
    Id: image.imageId,
    RepoTags: tags.map((tag) => `${name}:${tag}`),
    RepoDigests: [`${name}@${descriptor.digest}`],
    Created: image.created,
    Author: image.author ?? "",
    Architecture: image.architecture,
    ...(image.variant !== undefined && { Variant: image.variant }),
    Os: image.os,
    Size: image.size,
    Config: image.config,
    RootFS: { Type: "layers", Layers: layers.flatMap(({ diffId }) => diffId ?? []) },
    Descriptor: descriptor,
    Manifest: image.manifest,
    Manifests: image.manifests,
    Annotations: image.annotations,
    Layers: layers,
    History: image.history,
    ...(image.build !== undefined && { Build: image.build }),
  };
}
