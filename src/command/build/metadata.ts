import type { BuildFlags } from "../flags/build-flags.ts";
import type { Ended } from "./build-tools.ts";

/** The contents of `--metadata-file`: buildx's keys, sorted, with the id of the build as its reference. */
export function metadataText(id: string, ended: Ended, flags: BuildFlags): string {
  if (!("result" in ended)) return "{}\n";
  if (flags.isCacheOnly) return `${JSON.stringify({ "buildx.build.ref": id }, null, 2)}\n`;
  const { descriptor, imageId, repository, tags } = ended.result;
  const { names } = flags;
  const metadata = {
    "buildx.build.ref": id,
    ...(process.env.BUILDX_METADATA_WARNINGS === "1" && {
      "buildx.build.warnings": ended.warnings.map(warningOf),
    }),
    "containerimage.config.digest": imageId,
    "containerimage.descriptor": descriptor,
    "containerimage.digest": descriptor.digest,
    ...(names.length > 0 && { "image.name": names.join(",") }),
    "varve.build": { server: flags.server, repository, tags },
  };
  return `${JSON.stringify(metadata, null, 2)}\n`;
}

/** BuildKit's form of a warning, with texts in base64. */
function warningOf({ rule, message, line, url }: Ended["warnings"][number]): object {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return {
    level: 1,
    short: base64(`${rule}: ${message} (line ${line})`),
    detail: [base64(message)],
    ...(url !== undefined && { url }),
    range: [{ start: { line }, end: { line } }],
  };
}
