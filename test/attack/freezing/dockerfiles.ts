import { gzipSync } from "node:zlib";
import { member } from "../../tar/archive.ts";
import { building, contextWith, type FreezingInputs, planning, range } from "./input.ts";

const scratch = "FROM scratch\n";
const repeat = (line: string, count: number) => `${line}\n`.repeat(count);
const numbered = (count: number, line: (index: number) => string) =>
  range(count, (i) => `${line(i)}\n`).join("");
/** A context of `count` empty files, a hundred in each directory. */
const files = (count: number) => range(count, (i) => member({ path: `d${Math.floor(i / 100)}/f${i}.txt` }));
const zipped = (...given: Parameters<typeof contextWith>) => gzipSync(contextWith(...given), { level: 1 });

/** Dockerfiles and ignore files. */
export const dockerfiles: FreezingInputs = {
  "WORKDIR of 6,000 levels": planning(200, () => `${scratch}WORKDIR ${"a/".repeat(6000)}\n`),
  "WORKDIR of 20,000 levels": building(400, () => contextWith(`${scratch}WORKDIR ${"a/".repeat(20_000)}\n`)),
  "WORKDIR of 500 levels, 20 times": building(200, () =>
    contextWith(scratch + numbered(20, (i) => `WORKDIR /${i}/${"a/".repeat(500)}`)),
  ),
  "WORKDIR: 5,000 of them within each other": planning(200, () => scratch + repeat("WORKDIR a", 5000)),
  "WORKDIR: names of dots": planning(200, () => `${scratch}WORKDIR ${"a/../".repeat(12_000)}\n`),
  "COPY from 20,000 levels": building(400, () => contextWith(`${scratch}COPY ${"a/".repeat(20_000)}f /\n`)),
  "COPY between 2,000 symbolic links": building(200, () =>
    zipped(
      `${scratch}COPY l* /d/\n`,
      member(
        { path: ".dockerignore" },
        numbered(1000, (i) => `**/x${i}*y`),
      ),
      ...range(2000, (i) => [
        member({ path: `l${i}`, type: "symlink", linkname: `f${i}` }),
        member({ path: `f${i}` }),
      ]).flat(),
    ),
  ),
  "COPY after COPY of 20,000 files": building(200, () =>
    zipped(`${scratch}COPY . /d/\nCOPY Dockerfile /d/d1/\nWORKDIR /d/d2/e\n`, ...files(20_000)),
  ),
  "COPY to 20,000 levels": building(400, () =>
    contextWith(`${scratch}COPY Dockerfile /${"a/".repeat(20_000)}f\n`),
  ),
  "heredocs: 10,000": planning(200, () => scratch + numbered(10_000, (i) => `COPY <<E${i} /f\nx\nE${i}`)),
  "heredocs: 5,000 of one instruction": planning(
    200,
    () => `${scratch}COPY ${range(5000, (i) => `<<E${i}`).join(" ")} /d/\n${numbered(5000, (i) => `E${i}`)}`,
  ),
  "heredocs: none of them ends": planning(200, () => scratch + numbered(19_000, (i) => `COPY <<E${i} /f`)),
  "heredocs: built": building(200, () =>
    contextWith(
      scratch +
        numbered(
          20,
          (i) => `COPY ${range(200, (j) => `<<E${j}`).join(" ")} /d${i}/\n${numbered(200, (j) => `E${j}`)}`,
        ),
    ),
  ),
  "heredocs of 4 MB": planning(200, () => `${scratch}RUN <<E\n${"x\n".repeat(1_900_000)}E\n`),
  "ONBUILD: 10,000": planning(200, () => scratch + numbered(10_000, (i) => `ONBUILD LABEL a${i}=b`)),
  "ONBUILD: triggers of triggers": planning(200, () => `${scratch}${"ONBUILD ".repeat(500_000)}RUN x\n`),
  "variables that double": planning(200, () => `${scratch}ENV A=aaaaaaaa\n${repeat("ENV A=$A$A", 100)}`),
  "variables that double on one line": planning(
    200,
    () => `${scratch}ARG A=${"a".repeat(1000)}\nLABEL b=${"$A".repeat(20_000)}\n`,
  ),
  "variables within each other": planning(
    200,
    () => `${scratch}ENV A=${"${a:-".repeat(10_000)}${"}".repeat(10_000)}\n`,
  ),
  "variables: 20,000 undefined ones": planning(
    200,
    () => scratch + numbered(19_000, (i) => `LABEL a=$undefinedd${i}`),
  ),
  "variables: 10,000 in each of 100 stages": planning(
    200,
    () =>
      numbered(9000, (i) => `ARG A${i}=1`) +
      numbered(100, (i) => `FROM scratch AS s${i}\nARG A1\nLABEL a=$A1`),
  ),
  "variables: patterns": planning(
    200,
    () => `${scratch}ARG A=${"a".repeat(30_000)}\n${repeat(`LABEL b=\${A//${"*a".repeat(30)}b/x}`, 50)}`,
  ),
  "variables: an ENV of 10,000 before each of 1,000 steps": planning(
    200,
    () => `${scratch}ENV ${range(9000, (i) => `A${i}=1`).join(" ")}\n${repeat("RUN x", 1000)}`,
  ),
  "labels: 10,000": planning(200, () => scratch + numbered(10_000, (i) => `LABEL l${i}=v`)),
  "labels: 200,000 on one line": planning(
    200,
    () => `${scratch}LABEL ${range(9000, (i) => `a${i}=b`).join(" ")}\n`,
  ),
  "EXPOSE of all ports, 1,000 times": planning(200, () => scratch + repeat("EXPOSE 1-65535", 1000)),
  "VOLUME: 10,000": planning(200, () => scratch + numbered(10_000, (i) => `VOLUME /v${i}`)),
  "stages: 1,000 on each other": planning(200, () =>
    numbered(1000, (i) => `FROM ${i === 0 ? "scratch" : `s${i - 1}`} AS s${i}\nLABEL a${i}=b`),
  ),
  "stages: 1,000 that read all before": planning(200, () =>
    numbered(
      150,
      (i) =>
        `FROM scratch AS s${i}\n${range(Math.min(i, 12), (j) => `COPY --from=s${i - 1 - j} / /\n`).join("")}`,
    ),
  ),
  "stages: layers that double": planning(200, () =>
    numbered(
      100,
      (i) =>
        `FROM scratch AS s${i}\n${i === 0 ? "COPY . /" : `COPY --from=s${i - 1} / /a\nCOPY --from=s${i - 1} / /b`}`,
    ),
  ),
  "stages: trees that double": building(200, () =>
    contextWith(
      numbered(
        7,
        (i) =>
          `FROM scratch AS s${i}\n${i === 0 ? "COPY . /" : `COPY --from=s${i - 1} / /a\nCOPY --from=s${i - 1} / /b`}`,
      ),
      ...files(100),
    ),
  ),
  "stages whose names are nearly those that are asked for": planning(
    200,
    () =>
      numbered(900, (i) => `FROM scratch AS stage${i}`) +
      `FROM scratch\n${repeat("COPY --from=stege / /", 1000)}`,
  ),
  "instructions that are misspelt": planning(
    200,
    () => scratch + repeat(`CPOY${"X".repeat(60)} a b`, 15_000),
  ),
  "flags that are misspelt": planning(200, () => scratch + repeat("COPY --frmo=a --chwon=b a b", 15_000)),
  "mounts: 1,000 of one RUN": planning(
    200,
    () => `${scratch}RUN ${range(900, (i) => `--mount=type=cache,target=/c${i}`).join(" ")} x\n`,
  ),
  "comments: 1,000,000": planning(200, () => `${repeat("#", 1_000_000)}${scratch}`),
  "continuations: 500,000": planning(200, () => `${scratch}LABEL a=b ${"\\\n".repeat(30_000)}\n`),
  "continuations with comments between": planning(
    200,
    () => `${scratch}RUN x ${"\\\n# c\n".repeat(300_000)}y\n`,
  ),
  "4 MB of white space": planning(
    200,
    () => `${scratch}RUN x${" ".repeat(60_000)}\n${repeat(" \t ", 900_000)}`,
  ),
  "4 MB of directives": planning(200, () => `${numbered(100_000, (i) => `# directive${i} = x`)}${scratch}`),
  "quotes that do not end": planning(200, () => scratch + repeat(`LABEL a="${'\\"'.repeat(1000)}`, 1000)),
  "JSON forms that are none": planning(200, () => scratch + repeat(`CMD ["${'a","'.repeat(10_000)}`, 30)),
  "lists within lists": planning(200, () => `${scratch}CMD ${"[".repeat(60_000)}\n`),
  "checks that are skipped": planning(
    200,
    () => `# check=skip=${range(10_000, (i) => `Rule${i}`).join(",")}\n${scratch}`,
  ),
  "one line of 4 MB": planning(200, () => `${scratch}RUN ${"x".repeat(4_000_000)}\n`),
  "COPY: 2,000 globs over 20,000 files": building(200, () =>
    zipped(`${scratch}COPY ${range(2000, (i) => `*${i}*`).join(" ")} /d/\n`, ...files(20_000)),
  ),
  "COPY: globs of many stars": building(200, () =>
    zipped(
      `${scratch}COPY ${"*a".repeat(100)}b /d/\n`,
      ...range(5000, (i) => member({ path: `${"a".repeat(200)}${i}` })),
    ),
  ),
  "COPY: 2,000 instructions over 20,000 files": building(400, () =>
    zipped(`${scratch}${repeat("COPY . /", 1100)}`, ...files(20_000)),
  ),
  "COPY: 40 instructions over 2,000 files": building(200, () =>
    zipped(`${scratch}${numbered(40, (i) => `COPY . /d${i}`)}`, ...files(2000)),
  ),
  "COPY: 1,000 exclusions over 2,000 files": building(200, () =>
    zipped(`${scratch}COPY ${range(1000, (i) => `--exclude=**/x${i}*`).join(" ")} . /d/\n`, ...files(2000)),
  ),
  "COPY: exclusions of many stars": building(200, () =>
    zipped(
      `${scratch}COPY ${range(50, (i) => `--exclude=**/*f*${i}*/**/*t*x*t*`).join(" ")} . /d/\n`,
      ...files(20_000),
    ),
  ),
  "COPY --parents of deep paths": building(200, () =>
    zipped(
      `# syntax=docker/dockerfile:1-labs\n${scratch}COPY --parents **/f* /d/\n`,
      ...range(50, (i) => member({ path: `${i}/${"a/".repeat(300)}f${i}` })),
    ),
  ),
  "COPY of what is not there, 500 times": building(400, () =>
    zipped(`${scratch}COPY ${range(5000, (i) => `d1/f${i}.tx`).join(" ")} /d/\n`, ...files(20_000)),
  ),
  "ignore patterns: 10,000 over 20,000 files": building(400, () =>
    zipped(
      `${scratch}COPY . /\n`,
      member(
        { path: ".dockerignore" },
        numbered(10_000, (i) => `**/x${i}*y`),
      ),
      ...files(20_000),
    ),
  ),
  "ignore patterns: 10,000 exceptions": building(400, () =>
    zipped(
      `${scratch}COPY . /\n`,
      member(
        { path: ".dockerignore" },
        numbered(5000, (i) => `**\n!**/x${i}`),
      ),
      ...files(20_000),
    ),
  ),
  "ignore patterns: stars upon stars": building(200, () =>
    zipped(
      `${scratch}COPY . /\n`,
      member(
        { path: ".dockerignore" },
        numbered(200, () => `${"**/".repeat(100)}${"*a".repeat(100)}b`),
      ),
      ...range(5000, (i) => member({ path: `${"a/".repeat(100)}${"a".repeat(100)}${i}` })),
    ),
  ),
  "ignore patterns: plain names": building(200, () =>
    zipped(
      `${scratch}COPY . /\n`,
      member(
        { path: ".dockerignore" },
        numbered(9000, (i) => `d${i}/y`),
      ),
      ...files(20_000),
    ),
  ),
  "ignore patterns: one of 4 MB": building(400, () =>
    zipped(`${scratch}COPY . /\n`, member({ path: ".dockerignore" }, "[a-".repeat(1_300_000))),
  ),
  "ignore patterns: 400,000 empty lines": building(200, () =>
    zipped(`${scratch}COPY . /\n`, member({ path: ".dockerignore" }, "\n".repeat(400_000))),
  ),
};
