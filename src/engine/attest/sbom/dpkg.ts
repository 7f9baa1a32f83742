import { fieldRecords } from "./fields.ts";
import { type FoundPackage, foundPackage } from "./found-package.ts";

const fields = new Set(["Package", "Version", "Architecture", "Status", "Source", "Maintainer"]);

/** Reads the installed packages of `/var/lib/dpkg/status`, or of a file in `status.d`. */
export async function* dpkgPackages(source: AsyncIterable<Uint8Array>): AsyncGenerator<FoundPackage> {
  for await (const record of fieldRecords(source, fields)) {
    const status = record.get("Status");
    if (status !== undefined && !/\sinstalled$/.test(status)) continue;
    const found = foundPackage("deb", {
      name: record.get("Package"),
      version: record.get("Version"),
      architecture: record.get("Architecture"),
      source: record.get("Source"),
      maintainer: record.get("Maintainer"),
    });
    if (found !== undefined) yield found;
  }
}
