import { fieldRecords } from "./fields.ts";
import { type FoundPackage, foundPackage } from "./found-package.ts";

const fields = new Set(["P", "V", "A", "L", "o", "m"]);

/** Reads the packages of apk's `installed` file. */
export async function* apkPackages(source: AsyncIterable<Uint8Array>): AsyncGenerator<FoundPackage> {
  for await (const record of fieldRecords(source, fields)) {
    const found = foundPackage("apk", {
      name: record.get("P"),
      version: record.get("V"),
      architecture: record.get("A"),
      license: record.get("L"),
      source: record.get("o"),
      maintainer: record.get("m"),
    });
    if (found !== undefined) yield found;
  }
}
