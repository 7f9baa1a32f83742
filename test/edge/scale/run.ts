import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Measurements, measureUses } from "./measure.ts";
import { capacityTables, costTables } from "./tables.ts";

// `npm run scale`: measures what uses of the server need, and prints the tables of docs/scale.md and docs/operate.md.

const { values } = parseArgs({
  options: {
    /** Writes the measurements to this file, or reads them from it. */
    write: { type: "string" },
    read: { type: "string" },
  },
});
const measured =
  values.read === undefined
    ? await measureUses((line) => console.error(line))
    : (JSON.parse(await readFile(values.read, "utf8")) as Measurements);
if (values.write !== undefined) await writeFile(values.write, JSON.stringify(measured));
console.log(`${capacityTables(measured)}\n\n${costTables(measured)}`);
