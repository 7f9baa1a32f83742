import { existsSync } from "node:fs";
import { cache } from "./cache.ts";
import { conformanceFolder, type Failure, type SetResult } from "./case-set.ts";
import { dockerignore } from "./dockerignore.ts";
import { gitref } from "./gitref.ts";
import { instructions } from "./instructions.ts";
import { integration } from "./integration.ts";
import knownDifferences from "./known-differences.json" with { type: "json" };
import { lint } from "./lint.ts";
import { parser } from "./parser.ts";
import { shellLex } from "./shell-lex.ts";

/** The sets, in the order of the table. */
const sets: [name: string, run: () => Promise<SetResult>][] = [
  ["parser", parser],
  ["shell-lex", shellLex],
  ["dockerignore", dockerignore],
  ["instructions", instructions],
  ["gitref", gitref],
  ["lint", lint],
  ["integration", integration],
  ["cache", cache],
];

const wanted = process.argv.slice(2);
const folder = conformanceFolder();
if (!existsSync(folder)) {
  console.error(
    `Cannot run the conformance cases: there is no folder ${folder} (VARVE_SHARED names its parent)`,
  );
  process.exit(1);
}

const unexpected: [set: string, failure: Failure][] = [];
const settled: string[] = [];
console.log(row("set", "passed", "failed", "need RUN"));
for (const [name, run] of sets) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { passed, failed, needRun = 0 } = await run();
  console.log(row(name, passed.length, failed.length, needRun || ""));
  const known = knownDifferences.filter(({ set }) => set === name).map((difference) => difference.name);
  unexpected.push(
    ...failed
      .filter((failure) => !known.includes(failure.name))
      .map((failure): [string, Failure] => [name, failure]),
  );
  settled.push(
    ...known
      .filter((difference) => passed.includes(difference))
      .map((difference) => `${name}: ${difference}`),
  );
}

for (const [set, { name, detail }] of unexpected) console.error(`\n${set}: ${name}\n${detail}`);
for (const difference of settled)
  console.error(`\n${difference}\nis no difference any more: take it off the list`);
process.exitCode = unexpected.length + settled.length > 0 ? 1 : 0;

function row(set: string, ...columns: (string | number)[]): string {
  return `${set.padEnd(18)}${columns.map((column) => String(column).padStart(10)).join("")}`.trimEnd();
}
