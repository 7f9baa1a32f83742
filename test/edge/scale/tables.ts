import { type Kind, kinds, type Measurements, PROJECT } from "./measure.ts";
import { type BillableUse, costOf, prices, SUBSCRIPTION, sumOf } from "./prices.ts";
import { assumptions, bottlenecks, type Hour, pruneUse, simulateHour, singleObjects } from "./simulate.ts";

/** A table of Markdown. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

function rounded(value: number, digits = 2): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value === 0 ? "0" : String(Number(value.toPrecision(digits)));
}

const kindList = Object.keys(kinds) as Kind[];

/** Builds per hour that are simulated. */
const rates = [10, 1000, 100_000];

/** What each use needs, the simulated hours, and what stops an account first. */
export function capacityTables(measured: Measurements): string {
  const uses = table(
    [
      "use",
      "requests",
      "R2 class A",
      "R2 class B",
      "KV reads",
      "KV writes",
      "object calls",
      "rows written",
      "stored MB",
      "CPU s",
      "s",
    ],
    kindList.map((kind) => {
      const { use, seconds } = measured[kind];
      return [
        kinds[kind],
        use.requests,
        use.classA,
        use.classB,
        use.kvReads,
        use.kvWrites,
        use.objectRequests,
        use.rowsWritten,
        rounded(use.storedGb * 1000),
        rounded(use.cpuMs / 1000),
        rounded(seconds),
      ];
    }),
  );
  const calls = table(
    ["use", "Build", ...singleObjects, "CacheMount"],
    kindList.map((kind) => [
      kinds[kind],
      ...["Build", ...singleObjects, "CacheMount"].map((name) => measured[kind].calls[name] ?? 0),
    ]),
  );
  const hours = rates.map((rate) => simulateHour(measured, rate));
  const row = (name: string, read: (hour: Hour) => number) => [
    name,
    ...hours.map((hour) => rounded(read(hour))),
  ];
  const simulated = table(
    ["per hour", ...rates.map((rate) => `${rate.toLocaleString("en")} builds`)],
    [
      row("pulls", (hour) => hour.pulls),
      row("images", (hour) => hour.images),
      row("operations of R2 per second", (hour) => hour.r2),
      ...singleObjects.map((name) =>
        row(`calls of \`${name}\` per second`, (hour) => hour.objects[name].perSecond),
      ),
      ...singleObjects.map((name) =>
        row(`longest wait at \`${name}\`, ms`, (hour) => hour.objects[name].longestWait),
      ),
      row("rejected writes of a tag, which are retried", (hour) => hour.refusedWrites),
      row("most builds of one tag in a minute", (hour) => hour.busiestTag),
      row("runners", (hour) => hour.runners),
    ],
  );
  const stops = table(
    ["", "what", "builds per hour", "remedy"],
    bottlenecks(measured)
      .filter(({ buildsPerHour }) => Number.isFinite(buildsPerHour))
      .slice(0, 5)
      .map(({ name, buildsPerHour, remedy }, at) => [at + 1, name, rounded(buildsPerHour), remedy]),
  );
  return [
    `Project: ${PROJECT.modules} files of ${PROJECT.moduleBytes} bytes and ${PROJECT.sources} of ${PROJECT.sourceBytes}. ` +
      `The prunes read ${measured.objects.prune} and ${measured.objects.pruneMore} objects. ` +
      `The most operations of one request, or of all calls of one object: ${measured.subrequests}.`,
    uses,
    calls,
    simulated,
    stops,
  ].join("\n\n");
}

/** Sizes of teams: choices. */
const teams = [
  { name: "5 developers", developers: 5 },
  { name: "50 developers", developers: 50 },
  { name: "500 developers", developers: 500 },
];
const BUILDS_PER_DEVELOPER = 20;
const WORKDAYS = 22;

/** The use of an average build, with its pulls. */
function averageBuild(measured: Measurements): BillableUse {
  return sumOf([
    ...Object.entries(assumptions.mix).map(([kind, part]) => [measured[kind as Kind].use, part] as const),
    [measured.pull.use, assumptions.pulls],
  ]);
}

/** What uses and teams cost at list prices. */
export function costTables(measured: Measurements): string {
  const keys = Object.keys(prices) as (keyof BillableUse)[];
  const none = Object.fromEntries(keys.map((key) => [key, 0])) as BillableUse;
  const partOf = (use: BillableUse, key: keyof BillableUse) => costOf({ ...none, [key]: use[key] });
  const perUse = table(
    ["1,000 of", "USD", "largest parts"],
    kindList.map((kind) => {
      // Storage is billed by the month, for all uses together.
      const use = { ...measured[kind].use, storedGb: 0 };
      const largest = keys.toSorted((a, b) => partOf(use, b) - partOf(use, a)).slice(0, 2);
      const parts = largest.map((key) => `${prices[key].name} ${rounded(partOf(use, key) * 1000)}`);
      return [kinds[kind], rounded(costOf(use) * 1000), parts.join(", ")];
    }),
  );
  const perTeam = table(
    ["", "builds", "stored GB", "use beyond what is included, USD", "with the plan, USD"],
    teams.map(({ name, developers }) => {
      const builds = developers * BUILDS_PER_DEVELOPER * WORKDAYS;
      // A month of builds is stored; each day one prune lists all objects.
      const month = sumOf([[averageBuild(measured), builds]]);
      const objects = month.classA;
      const use = sumOf([
        [month, 1],
        [pruneUse(measured, { fresh: objects / 30, stored: objects }), 30],
      ]);
      const beyond = costOf(use, 1);
      return [
        name,
        builds.toLocaleString("en"),
        rounded(use.storedGb),
        rounded(beyond),
        rounded(beyond + SUBSCRIPTION),
      ];
    }),
  );
  return [perUse, perTeam].join("\n\n");
}
