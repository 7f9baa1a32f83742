import { fieldRecords } from "./fields.ts";
import { type FoundPackage, foundPackage } from "./found-package.ts";

const fields = new Set(["Name", "Version", "License", "License-Expression", "Author", "Maintainer"]);

/** The package of a METADATA or PKG-INFO (Python's core metadata): what stands before its description. */
export async function pythonPackage(source: AsyncIterable<Uint8Array>): Promise<FoundPackage | undefined> {
  for await (const record of fieldRecords(source, fields)) {
    return foundPackage("pypi", {
      name: record.get("Name"),
      version: record.get("Version"),
      license: record.get("License-Expression") ?? known(record.get("License")),
      maintainer: record.get("Maintainer") ?? record.get("Author"),
    });
  }
  return undefined;
}

function known(license: string | undefined): string | undefined {
  return license === "UNKNOWN" ? undefined : license;
}
