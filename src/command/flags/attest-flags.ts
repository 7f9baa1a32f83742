import { readBoolean } from "../../dockerfile/boolean.ts";
import { cut } from "../../streams/cut.ts";
import { UsageError } from "../command-error.ts";
import { readCsvFields } from "./csv-fields.ts";

/** Attestations that the flags request: the text of a provenance, and whether there is a list of packages. */
interface Attests {
  provenance: string | undefined;
  sbom: boolean;
  /** Warnings about parts without effect. */
  warnings: readonly string[];
}

/** One attestation, in the form `type=provenance,disabled=false,mode=max`. */
interface Attest {
  type: string;
  isDisabled: boolean;
  /** The other fields, as written. */
  fields: readonly string[];
}

/**
 * Reads `--attest type=provenance,mode=max`, `--provenance` and `--sbom`. As with buildx, the last two are short forms of
 * `--attest` and follow it, and the first attestation of each type counts.
 * @throws {UsageError}
 */
export function readAttests(flags: {
  attest: readonly string[];
  provenance: string | undefined;
  sbom: string | undefined;
}): Attests {
  const attests = [
    ...flags.attest,
    ...longForm("provenance", flags.provenance),
    ...longForm("sbom", flags.sbom),
  ].map(readAttest);
  const requested = (type: string) => {
    const attest = attests.find((one) => one.type === type);
    return attest === undefined || attest.isDisabled ? undefined : attest;
  };
  const unknown = attests.find(
    ({ type, isDisabled }) => !isDisabled && type !== "provenance" && type !== "sbom",
  );
  if (unknown !== undefined)
    throw new UsageError(
      `unsupported attestation type ${JSON.stringify(unknown.type)}: it must be provenance or sbom`,
    );
  const provenance = requested("provenance");
  const sbom = requested("sbom");
  const hasGenerator = sbom?.fields.some((field) => field.startsWith("generator=")) ?? false;
  return {
    provenance: provenance && (provenance.fields.join(",") || "true"),
    sbom: sbom !== undefined,
    warnings: hasGenerator ? ["--sbom: generator has no effect: the server itself finds the packages"] : [],
  };
}

/** The value of `--provenance` or `--sbom` as one of `--attest`; an empty one is like no flag. */
function longForm(type: string, text = ""): string[] {
  if (text === "") return [];
  const bool = readBoolean(text);
  return [`type=${type},${bool === undefined ? text : `disabled=${!bool}`}`];
}

/** @throws {UsageError} */
function readAttest(text: string): Attest {
  let type = "";
  let isDisabled = false;
  const fields: string[] = [];
  for (const field of readCsvFields(text)) {
    const [name, value] = cut(field, "=");
    if (value === undefined) throw new UsageError(`invalid value ${field}`);
    const key = name.trim().toLowerCase();
    if (key === "type") type = value;
    else if (key === "disabled") {
      const bool = readBoolean(value);
      if (bool === undefined) throw new UsageError(`invalid value ${field}: it must be true or false`);
      isDisabled = bool;
    } else fields.push(field);
  }
  if (type === "") throw new UsageError("attestation type not specified");
  return { type, isDisabled, fields };
}
