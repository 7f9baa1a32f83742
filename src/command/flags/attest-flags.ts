import { CsvError, csvFields } from "../../bake/csv.ts";
import { UsageError } from "../command-error.ts";

/** Attestations that the flags request: the text of a provenance, and whether there is a list of packages. */
export interface Attests {
  provenance: string | undefined;
  sbom: boolean;
  /** What has no effect. */
  warnings: readonly string[];
}

/**
 * Reads `--attest type=provenance,mode=max`, `--provenance` and `--sbom`. The last two override the first, as with buildx.
 * @throws {UsageError}
 */
export function readAttests(flags: {
  attest: readonly string[];
  provenance: string | undefined;
  sbom: string | undefined;
}): Attests {
  const texts = new Map<string, string>();
  for (const text of flags.attest) {
    const fields = fieldsOf(text);
    const type = fields.find((field) => field.startsWith("type="))?.slice("type=".length);
    if (type === undefined) throw new UsageError("attestation type not specified");
    if (type !== "provenance" && type !== "sbom")
      throw new UsageError(`attestation type ${JSON.stringify(type)} is none of provenance, sbom`);
    texts.set(type, fields.filter((field) => !field.startsWith("type=")).join(",") || "true");
  }
  const sbom = flags.sbom ?? texts.get("sbom") ?? "false";
  const generator = /(?:^|,)generator=/.test(sbom);
  return {
    provenance: flags.provenance ?? texts.get("provenance"),
    sbom: !/(?:^|,)(?:false|f|0|disabled=(?:true|t|1))(?:,|$)/i.test(sbom),
    warnings: generator ? ["--sbom: generator has no effect: the server itself finds the packages"] : [],
  };
}

function fieldsOf(text: string): string[] {
  try {
    return csvFields(text).map((field) => field.trim());
  } catch (error) {
    if (error instanceof CsvError) throw new UsageError(`invalid value ${text}: ${error.message}`);
    throw error;
  }
}
