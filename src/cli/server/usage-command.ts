import type { Usage } from "../../../schemas/usage.ts";
import { EXIT } from "../../command/command-error.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { openFlaggedService } from "../../command/open-service.ts";
import { sizeText } from "../../progress/short-text.ts";
import { tableText } from "../../progress/table.ts";
import { command } from "../command.ts";

/** `varve usage`. */
export const usageCommand = command(
  {
    name: "usage",
    usage: "[OPTIONS]",
    summary: "Show the storage used on the server, by kind and by repository",
    flags: {
      format: { kind: "text", choices: ["table", "json"], value: "KIND", help: "table or json" },
      ...serverFlags,
    },
    args: [0, 0],
  },
  async ({ values }) => {
    const service = await openFlaggedService(values);
    const usage = await service.ask<Usage>("/v1/usage");
    if (values.format === "json") process.stdout.write(`${JSON.stringify(usage, null, 2)}\n`);
    else process.stdout.write(usageText(usage));
    return EXIT.ok;
  },
);

function usageText({ total, kinds, repositories }: Usage): string {
  const amounts = Object.entries(kinds).map(([kind, { objects, bytes }]) => [
    kind,
    String(objects),
    sizeText(bytes),
  ]);
  const stored = tableText(
    ["KIND", "OBJECTS", "SIZE"],
    [...amounts, ["total", String(total.objects), sizeText(total.bytes)]],
  );
  if (repositories.length === 0) return stored;
  const rows = repositories.map(({ name, tags, manifests, blobs, bytes }) => [
    name,
    ...[tags, manifests, blobs].map(String),
    sizeText(bytes),
  ]);
  return `${stored}\n${tableText(["REPOSITORY", "TAGS", "MANIFESTS", "BLOBS", "SIZE"], rows)}`;
}
