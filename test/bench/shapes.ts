import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeContext } from "./make-context.ts";
import { noise } from "./projects/index.ts";
import { type Scenario, usualBuilds } from "./scenario.ts";

// Scenarios that each measure one property.

const MEGABYTE = 1_000_000;

/** A Dockerfile, and a file that its last COPY reads. */
function alone(dockerfile: string, folder: string): Promise<unknown> {
  return Promise.all([
    writeFile(join(folder, "Dockerfile"), dockerfile),
    writeFile(join(folder, "note"), "A note.\n"),
  ]);
}

const changeNote = (folder: string) => appendFile(join(folder, "note"), `${Date.now()}\n`);

const sleeps = [1, 2, 3].map(
  (number) => `FROM busybox:1 AS s${number}\nRUN sleep 4 && echo ${number} > /result\n`,
);
const copies = [1, 2, 3].map((number) => `COPY --from=s${number} /result /results/${number}\n`);

/** Three stages that can execute at the same time, also on a machine with two cores. */
export const threeSleeps: Scenario = {
  name: "three sleeps",
  bases: ["busybox:1"],
  write: async (folder) => {
    await alone(`${sleeps.join("\n")}\nFROM busybox:1\n${copies.join("")}COPY note /\n`, folder);
  },
  builds: usualBuilds(changeNote).map((build) => ({ ...build, goal: build.name === "cold" ? 1.05 : 1.1 })),
};

/** A large file that no image contains: the RUN that removes it is in the same chain. */
export const chain300: Scenario = {
  name: "chain-300",
  bases: ["busybox:1"],
  write: async (folder) => {
    const run = [
      "RUN dd if=/dev/urandom of=/large bs=1000000 count=300",
      "RUN sleep 3",
      "RUN sha256sum /large > /sum && rm /large",
    ];
    await alone(`FROM busybox:1\n${run.join("\n")}\nCOPY note /\n`, folder);
  },
  builds: usualBuilds(changeNote).map((build) => (build.name === "cold" ? { ...build, goal: 0.8 } : build)),
};

/** A small folder in a context with 300 MB that no step reads. */
export const copyD: Scenario = {
  name: "copy-d",
  bases: [],
  write: async (folder) => {
    await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY d /d\n");
    for (const name of ["d", "data"]) await mkdir(join(folder, name));
    for (let file = 0; file < 20; file += 1) {
      await writeFile(join(folder, "d", `file-${file}`), noise(file, 5000));
    }
    for (let file = 0; file < 300; file += 1) {
      await writeFile(join(folder, "data", `file-${file}`), noise(file, MEGABYTE));
    }
  },
  builds: usualBuilds((folder) => appendFile(join(folder, "d/file-0"), `${Date.now()}\n`)).map((build) => ({
    ...build,
    goal: 1.5,
  })),
};

/** A file of the big layer that every context has, in the middle of its tree. */
const BIG_LAYER_FILE = "node_modules/fonts-pack/files/fonts.woff2";

function changeFile(path: string): (folder: string) => Promise<void> {
  return (folder) => appendFile(join(folder, path), `// ${Date.now()}\n`);
}

/** A context like a Node project with its dependencies: 31,000 files, 430 MB. */
export const largeContext: Scenario = {
  name: "31,000 files, 430 MB",
  bases: [],
  write: async (folder) => {
    writeContext(folder);
  },
  builds: [
    { name: "W1 cold", goal: 0.25 },
    { name: "W2 one source file changed", edit: changeFile("src/server.js"), goal: 0.2 },
    { name: "W3 unchanged", times: 3, goal: 0.25 },
    { name: "W4 one file in the big layer changed", edit: changeFile(BIG_LAYER_FILE), goal: 0.1 },
  ],
};

/** A RUN case after another RUN on the same base image, which does not count. */
function runCase(
  name: string,
  base: "busybox:1" | "busybox:archive",
  steps: string[],
  push: boolean,
  goal: number,
): Scenario {
  const dockerfile = (lines: string[]) => [`FROM ${base}`, ...lines, ""].join("\n");
  return {
    name,
    bases: [base],
    write: (folder) => writeFile(join(folder, "Dockerfile"), dockerfile(["RUN echo ready"])),
    builds: [
      { name: "before", isMeasured: false },
      {
        name: push ? "build + push" : "build",
        edit: (folder) => writeFile(join(folder, "Dockerfile"), dockerfile(steps)),
        docker: { noCache: true, push },
        varve: { noCache: true },
        goal,
      },
    ],
  };
}

/** The cost of RUN itself. */
export const runCases: Scenario[] = [
  runCase("ten RUN that do nothing", "busybox:1", Array<string>(10).fill("RUN true"), false, 0.45),
  runCase(
    "a RUN that unpacks 200 MB",
    "busybox:archive",
    ["RUN mkdir /app && tar -xzf /dependencies.tar.gz -C /app"],
    true,
    0.5,
  ),
];
