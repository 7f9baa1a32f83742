import { script, vocabulary } from "../code.ts";
import { noise } from "../projects/index.ts";
import { random } from "../random.ts";

/** A quantity that builds can have more or less of. */
export interface Dimension {
  name: string;
  unit: string;
  sizes: readonly number[];
  /** How many builds begin at the same time. Default: one. */
  builds?: (x: number) => number;
  /** The files of a build's context, by path. */
  write(x: number, build: number): Iterable<[path: string, content: string | Uint8Array]>;
}

const MEGABYTE = 1_000_000;
const copyAll = "FROM scratch\nCOPY . /app/\n";

/** The text of a file that resembles source code and compresses like it. */
function source(seed: number, bytes: number): string {
  const generator = random(seed);
  return script(generator, vocabulary(generator, `file-${seed}`), bytes);
}

const counted = (number: number) => Array.from({ length: number }, (_, index) => index);

export const dimensions: readonly Dimension[] = [
  {
    name: "context size",
    unit: "MB",
    sizes: [1, 4, 16, 64, 256],
    *write(x) {
      yield ["Dockerfile", copyAll];
      for (const file of counted(x)) {
        // Half of it is noise, like a compiled program.
        yield [`data/half-${file}.bin`, noise(file, MEGABYTE / 2)];
        yield [`data/half-${file}.js`, source(file, MEGABYTE / 2)];
      }
    },
  },
  {
    name: "file count",
    unit: "files",
    sizes: [10, 100, 1000, 10_000, 30_000],
    *write(x) {
      yield ["Dockerfile", copyAll];
      for (const file of counted(x)) yield [`src/part-${file % 100}/file-${file}.js`, source(file, 1000)];
    },
  },
  {
    name: "steps",
    unit: "RUN",
    sizes: [1, 4, 16, 64],
    *write(x) {
      const steps = counted(x).map((step) => `RUN echo ${step} > /step-${step}`);
      yield ["Dockerfile", ["FROM busybox:1", ...steps, ""].join("\n")];
    },
  },
  {
    name: "parallel stages",
    unit: "stages",
    sizes: [1, 2, 4, 8, 16],
    *write(x) {
      const work =
        "dd if=/dev/zero bs=1000000 count=100 | sha256sum > /sum && dd if=/dev/urandom of=/data bs=1000000 count=2";
      const stages = counted(x).map((stage) => `FROM busybox:1 AS s${stage}\nRUN echo ${stage} && ${work}\n`);
      const copies = counted(x).map((stage) => `COPY --from=s${stage} /sum /data /s${stage}/`);
      yield ["Dockerfile", [...stages, "FROM busybox:1", ...copies, ""].join("\n")];
    },
  },
  {
    name: "concurrent builds",
    unit: "builds",
    sizes: [1, 2, 4, 8, 16, 32],
    builds: (x) => x,
    *write(_x, build) {
      yield ["Dockerfile", "FROM busybox:1\nCOPY src /src\nRUN cat /src/* | sha256sum > /sum\n"];
      for (const file of counted(100)) yield [`src/file-${file}.js`, source(1000 * build + file, 4000)];
    },
  },
];
