import { fieldRecords } from "./fields.ts";
import { type FoundPackage, foundPackage } from "./found-package.ts";

const fields = new Set(["Name", "Version", "License", "License-Expression", "Author", "Maintainer"]);

/** Reads a METADATA or PKG-INFO file (Python core metadata), without the description that follows the fields. */
export async function pythonPackage(source: AsyncIterable<Uint8Array>): Promise<FoundPackage | undefined> {
  for await (const record of fieldRecords(source, fields)) {
    return foundPackage("pypi", {
      name: record.get("Name"),
      version: record.get("Version"),
      license: record.get("License-Expression") ?? dropUnknown(record.get("License")),
      maintainer: record.get("Maintainer") ?? record.get("Author"),
    });
  }
  return undefined;
}

function dropUnknown(license: string | undefined): string | undefined {
  return license === "UNKNOWN" ? undefined : license;
}
