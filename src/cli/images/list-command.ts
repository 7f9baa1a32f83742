import type { ImageSummary } from "../../../schemas/images.ts";
import { Images } from "../../client/images.ts";
import { EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { imageAddressOf } from "../../command/outputs/own-name.ts";
import { compileGlob, type Glob } from "../../dockerignore/glob.ts";
import { shortId, sizeText } from "../../progress/short-text.ts";
import { tableText } from "../../progress/table.ts";
import { cut, splitKeyValue } from "../../streams/cut.ts";
import { command } from "../command.ts";
import { formatFlag, formatRows } from "../format/format-text.ts";
import { agoText } from "../terminal/list-format.ts";

/** `varve images`. */
export const imagesCommand = command(
  {
    name: "images",
    usage: "[OPTIONS] [NAME[:TAG]]",
    summary: "List the images on the server",
    flags: {
      all: { kind: "bool", short: "a", help: "With NAME: include images without a tag" },
      digests: { kind: "bool", help: "Show the digests of manifests" },
      filter: {
        kind: "list",
        short: "f",
        value: "FILTER",
        help: "Filter: label=NAME[=VALUE], reference=NAME (* matches any part), dangling=true",
      },
      format: formatFlag,
      "no-trunc": { kind: "bool", help: "Do not truncate IDs" },
      quiet: { kind: "bool", short: "q", help: "Print only IDs" },
      ...serverFlags,
    },
    args: [0, 1],
  },
  async ({ values, args: [text] }) => {
    const service = await openFlaggedService(values);
    const wanted = text === undefined ? undefined : imageAddressOf(text);
    const hasTag = text !== undefined && /[:@]/.test(text.slice(text.lastIndexOf("/") + 1));
    const filters = values.filter.map(readFilter);
    const shown: ImageSummary[] = [];
    for await (const image of new Images(service).list({
      name: wanted?.name,
      untagged: values.all && wanted !== undefined,
    })) {
      const isTag = !hasTag || image.tag === wanted?.reference || image.digest === wanted?.reference;
      if (isTag && filters.every((passes) => passes(image))) shown.push(image);
    }
    const id = ({ imageId, digest }: ImageSummary) => {
      const full = imageId ?? digest;
      return values["no-trunc"] ? full : shortId(full);
    };
    process.stdout.write(
      values.quiet
        ? shown.map((image) => `${id(image)}\n`).join("")
        : formatRows(
            shown.map((image) => ({ ...rowOf(image), ID: id(image) })),
            values.format,
            { table: () => tableOf(shown, id, values.digests ?? false), titles },
          ),
    );
    return EXIT.ok;
  },
);

const titles = {
  ID: "IMAGE ID",
  CreatedSince: "CREATED",
  CreatedAt: "CREATED AT",
  MediaType: "MEDIA TYPE",
};

function tableOf(
  images: readonly ImageSummary[],
  id: (image: ImageSummary) => string,
  hasDigests: boolean,
): string {
  const titles = ["REPOSITORY", "TAG", ...(hasDigests ? ["DIGEST"] : []), "IMAGE ID", "CREATED", "SIZE"];
  const now = Date.now();
  const rows = images.map((image) => [
    image.name,
    image.tag ?? "<none>",
    ...(hasDigests ? [image.digest] : []),
    id(image),
    agoText(image.created, now),
    sizeText(image.size),
  ]);
  return tableText(titles, rows);
}

/** Docker's fields, followed by those that docker does not have. */
function rowOf({ name, tag, digest, created, size, platforms, mediaType }: ImageSummary): object {
  return {
    Repository: name,
    Tag: tag ?? "<none>",
    Digest: digest,
    CreatedAt: created ?? "",
    CreatedSince: agoText(created, Date.now()),
    Size: sizeText(size),
    Bytes: size,
    Platforms: platforms,
    MediaType: mediaType,
  };
}

type Filter = (image: ImageSummary) => boolean;

/** @throws {UsageError} */
function readFilter(text: string): Filter {
  const [name, value] = splitKeyValue(text);
  switch (value === "" ? undefined : name) {
    case "label": {
      const [label, wanted] = cut(value, "=");
      return ({ labels = {} }) =>
        Object.hasOwn(labels, label) && (wanted === undefined || labels[label] === wanted);
    }
    case "reference": {
      const pattern = readPattern(value);
      return ({ name: image, tag }) =>
        pattern.matches(image) || (tag !== undefined && pattern.matches(`${image}:${tag}`));
    }
    case "dangling":
      return ({ tag }) => (tag === undefined) === (value === "true" || value === "1");
    default:
      throw new UsageError(`invalid filter "${text}"`, "Use label=…, reference=… or dangling=true.");
  }
}

/** @throws {UsageError} */
function readPattern(text: string): Glob {
  try {
    return compileGlob(text);
  } catch {
    throw new UsageError(`"reference=${text}" is not a valid pattern`);
  }
}
