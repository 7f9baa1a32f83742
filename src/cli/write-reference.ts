import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildFlagTable } from "../command/flags/build-flag-table.ts";
import { ignoredText, referenceText } from "./reference.ts";

// `npm run reference`: updates the description of commands and flags in docs/cli.md.

const file = join(import.meta.dirname, "../../docs/cli.md");
const sections = { commands: await referenceText(), ignored: ignoredText(buildFlagTable) };
let text = readFileSync(file, "utf8");
for (const [name, section] of Object.entries(sections)) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->\n`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  text = `${text.slice(0, from)}\n${section}\n${text.slice(to)}`;
}
writeFileSync(file, text);
