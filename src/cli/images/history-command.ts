import type { HistoryRow } from "../../../schemas/images.ts";
import { Images } from "../../client/images.ts";
import { EXIT } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { imageAddressOf } from "../../command/outputs/own-name.ts";
import { shortId, sizeText } from "../../progress/short-text.ts";
import { tableText } from "../../progress/table.ts";
import { command } from "../command.ts";
import { formatFlag, formatRows } from "../format/format-text.ts";
import { agoText } from "../terminal/list-format.ts";

/** Characters of an instruction that docker shows. */
const SHOWN = 45;

/** `varve history`. */
export const historyCommand = command(
  {
    name: "history",
    usage: "[OPTIONS] IMAGE",
    summary: "Show the steps that created an image, last one first",
    flags: {
      format: formatFlag,
      human: {
        kind: "bool",
        short: "H",
        help: "Print readable sizes and times; --human=false prints exact ones",
      },
      "no-trunc": { kind: "bool", help: "Do not truncate the output" },
      platform: { kind: "text", value: "PLATFORM", help: "Platform of the image, e.g. linux/arm64" },
      quiet: { kind: "bool", short: "q", help: "Print only the digests of layers" },
      ...serverFlags,
    },
    args: [1, 1],
  },
  async ({ values, args: [image = ""] }) => {
    const service = await openFlaggedService(values);
    const { history } = await new Images(service).history(imageAddressOf(image), values.platform);
    const isWhole = values["no-trunc"] ?? false;
    const isHuman = values.human ?? true;
    const rows = history.toReversed().map((row) => ({
      ID: idOf(row, isWhole),
      CreatedAt: row.created ?? "",
      CreatedSince: agoText(row.created, Date.now()),
      CreatedBy: isWhole ? (row.createdBy ?? "") : shorten(row.createdBy ?? ""),
      Size: isHuman ? sizeText(row.size) : String(row.size),
      Comment: row.comment ?? "",
    }));
    process.stdout.write(
      values.quiet
        ? rows.map(({ ID }) => `${ID}\n`).join("")
        : formatRows(rows, values.format, {
            table: () =>
              tableText(
                ["LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT"],
                rows.map((row) => [
                  row.ID,
                  isHuman ? row.CreatedSince : row.CreatedAt,
                  row.CreatedBy,
                  row.Size,
                  row.Comment,
                ]),
              ),
            titles: {
              ID: "LAYER",
              CreatedSince: "CREATED",
              CreatedAt: "CREATED AT",
              CreatedBy: "CREATED BY",
            },
          }),
    );
    return EXIT.ok;
  },
);

function idOf({ layer }: HistoryRow, isWhole: boolean): string {
  if (layer === undefined) return "<none>";
  return isWhole ? layer.digest : shortId(layer.digest);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN - 1)}…`;
}
