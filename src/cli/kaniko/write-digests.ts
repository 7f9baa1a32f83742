import { dirname, join } from "node:path";
import type { BuildResult } from "../../../schemas/events.ts";
import { CommandError } from "../../command/command-error.ts";
import type { FlagValues } from "../../command/flags/table.ts";
import { writeTextTo } from "../../command/outputs/write-to.ts";
import { makeFolder } from "../../runner/files/make-folder.ts";
import type { executorFlags } from "./executor-flags.ts";
import { kanikoName } from "./read-words.ts";

/** Writes the files of `--digest-file` and `--image-name…-digest-file`. @param destinations names in full */
export async function writeDigests(
  { descriptor: { digest } }: BuildResult,
  values: FlagValues<typeof executorFlags>,
  destinations: readonly string[],
): Promise<void> {
  const names = destinations.map(kanikoName);
  const lines = (line: (name: (typeof names)[number]) => string) =>
    names.map((name) => `${line(name)}@${digest}\n`).join("");
  await write(values["digest-file"], digest);
  await write(
    values["image-name-with-digest-file"],
    lines(({ repository }) => repository),
  );
  await write(
    values["image-name-tag-with-digest-file"],
    lines(({ repository, tag }) => `${repository}:${tag}`),
  );
}

/** Writes the file `images` of the folder BUILDER_OUTPUT, a line of JSON for each image. */
export function writeImageList(
  { descriptor: { digest } }: BuildResult,
  destinations: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const folder = environment.BUILDER_OUTPUT;
  if (!folder) return;
  const lines = destinations.map((destination) => {
    const { repository, tag } = kanikoName(destination);
    return `${JSON.stringify({ name: `${repository}:${tag}`, digest })}\n`;
  });
  writeTextTo(join(folder, "images"), lines.join(""));
}

async function write(place: string | undefined, text: string): Promise<void> {
  if (place === undefined) return;
  if (place.startsWith("https://")) return put(place, text);
  makeFolder(dirname(place));
  writeTextTo(place, text);
}

async function put(url: string, text: string): Promise<void> {
  const headers = { "content-type": "text/plain" };
  // A presigned URL is a secret, so no error contains its query.
  const shown = url.replace(/\?.*$/s, "");
  const answer = await fetch(url, { method: "PUT", headers, body: text }).catch((error: Error) => {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw new CommandError(`Cannot write the digest to ${shown}: ${reason}`);
  });
  if (!answer.ok) throw new CommandError(`Cannot write the digest to ${shown}: status ${answer.status}`);
}
