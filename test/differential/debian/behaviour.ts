import { execFile } from "node:child_process";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { docker } from "../builders/docker.ts";
import type { Addresses } from "../case.ts";
import { DEBIAN, TOOLS } from "./base.ts";

// Programs that depend on the times of files, in images of docker and of varve.

/** A file of the context, and its time in seconds since 1970. */
type Files = Record<string, readonly [content: string, mtime: number]>;

/** Two versions of an image, and what a command in each prints. */
export interface Behaviour {
  name: string;
  dockerfile: string;
  versions: readonly [Files, Files];
  /** Executed by `sh -c` in a container of the image. */
  command: string;
  /** The user of the command; by default one without write access. */
  user?: string;
  /** The fault in the output of docker's or varve's two versions; undefined if there is none. */
  judge(outputs: readonly [string, string]): string | undefined;
  /** Both builders' images print the same. */
  isSame: boolean;
}

const OLD = 1_600_000_000;

/** Prints how many files of bytecode do not belong to their sources (PEP 552), and of how many. */
const countStale = `
import os, struct
from importlib.util import source_from_cache
stale = total = 0
for folder, _, names in os.walk("/"):
    if folder.startswith(("/proc", "/sys")): continue
    for name in names:
        path = os.path.join(folder, name)
        if not name.endswith(".pyc") or "__pycache__" not in folder: continue
        try: source = os.stat(source_from_cache(path))
        except (OSError, ValueError): continue
        flags, time, size = struct.unpack("<III", open(path, "rb").read(16)[4:])
        total += 1
        if flags == 0 and (time, size) != (int(source.st_mtime), source.st_size): stale += 1
print(stale, total)
`;

const isFresh = (text: string) => /^0 [1-9]\d*$/.test(text);

const makefile = `main: main.o other.o
	@echo ld >> log
	cc -o main main.o other.o
%.o: %.c
	@echo cc $< >> log
	cc -c $<
`;

export const behaviours: readonly Behaviour[] = [
  {
    name: "python-uses-its-bytecode",
    dockerfile: [
      `FROM ${DEBIAN} AS base`,
      "RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*",
      "COPY count.py /",
      "FROM base AS build",
      "COPY app /app",
      "RUN python3 -m compileall -q /app",
      "FROM base",
      "COPY --from=build /app /app",
    ].join("\n"),
    versions: [
      { "count.py": [countStale, OLD], "app/a.py": ["A = 1\n", OLD], "app/b.py": ["B = 1\n", OLD] },
      {
        "count.py": [countStale, OLD + 5],
        "app/a.py": ["A = 1\n", OLD + 5],
        "app/b.py": ["B = 2\n", OLD + 5],
      },
    ],
    command: "python3 /count.py",
    judge: (outputs) => (outputs.every(isFresh) ? undefined : `stale bytecode: ${outputs.join(", ")}`),
    isSame: true,
  },
  {
    name: "bytecode-in-the-context",
    dockerfile: `FROM ${TOOLS}\nCOPY . /app\n`,
    // The second version was compiled again after a checkout: the source is the same and has another time.
    versions: [pythonWithBytecode(OLD), pythonWithBytecode(OLD + 5)],
    command: "python3 /app/count.py",
    judge: (outputs) => (outputs.every(isFresh) ? undefined : `stale bytecode: ${outputs.join(", ")}`),
    isSame: false,
  },
  {
    name: "nginx-etag",
    dockerfile: [
      `FROM ${DEBIAN}`,
      "RUN apt-get update && apt-get install -y --no-install-recommends curl nginx-light && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled/default",
      "COPY site.conf /etc/nginx/conf.d/",
      "COPY site /srv/site",
    ].join("\n"),
    versions: [site("one", OLD), site("two", OLD + 5)],
    command: "nginx && curl -sI http://localhost:8080/a.txt | tr -d '\\r' | grep -E '^(ETag|Last-Modified)'",
    user: "root",
    judge: ([before, after]) => (before === after ? `the same ETag: ${before}` : undefined),
    isSame: true,
  },
  {
    name: "make-rebuilds-nothing",
    dockerfile: `FROM ${TOOLS}\nCOPY . /src\nRUN make -C /src\n`,
    versions: [sources("1", OLD), sources("2", OLD + 5)],
    command: "make -C /src --question && cat /src/log && /src/main",
    judge: ([before, after]) =>
      before.includes("cc main.c") && after.includes("cc main.c") ? undefined : `${before}, ${after}`,
    isSame: true,
  },
  {
    name: "make-does-not-compile-what-the-context-has",
    dockerfile: `FROM ${TOOLS}\nCOPY . /src\n`,
    versions: [compiled(OLD), compiled(OLD + 50)],
    command: "make -C /src --dry-run",
    judge: ([before, after]) =>
      /cc/.test(before) || !/cc other.c/.test(after) ? `${before}, ${after}` : undefined,
    isSame: true,
  },
  {
    name: "find-newer",
    dockerfile: `FROM ${TOOLS}\nCOPY . /srv\nRUN touch /srv/made\n`,
    versions: [
      { a: ["a", OLD], b: ["b", OLD + 10], c: ["c", OLD + 20] },
      { a: ["a", OLD], b: ["bb", OLD + 30], c: ["c", OLD + 20] },
    ],
    command: "cd /srv; for name in a b c made; do echo $name: $(find . -type f -newer $name | sort); done",
    judge: () => undefined,
    isSame: true,
  },
];

function pythonWithBytecode(time: number): Files {
  // Header of a file of bytecode: only its time and size are looked at here.
  const source = "A = 1\n";
  const header = Buffer.alloc(16);
  header.writeUInt32LE(time, 8);
  header.writeUInt32LE(source.length, 12);
  return {
    "count.py": [countStale, OLD],
    "m/a.py": [source, time],
    "m/__pycache__/a.cpython-313.pyc": [header.toString("latin1"), time + 1],
    "m/other.txt": [String(time), time],
  };
}

function site(text: string, time: number): Files {
  return {
    "site.conf": ["server { listen 8080; root /srv/site; }\n", OLD],
    "site/a.txt": [text, time],
  };
}

function sources(value: string, time: number): Files {
  return {
    Makefile: [makefile, time],
    "main.c": [`int other(void); int main(void) { return other() - ${value}; }\n`, time],
    "other.c": [`int other(void) { return ${value}; }\n`, time],
  };
}

/** The second version has a changed source that is newer than its object. */
function compiled(time: number): Files {
  return {
    Makefile: ["all: main.o other.o\n%.o: %.c\n\tcc $< > $@\n", time],
    "main.c": ["main", time],
    "main.o": ["object", time + 10],
    "other.c": [String(time), time === OLD ? time : time + 20],
    "other.o": ["object", time + 10],
  };
}

/** Differences between what programs do in docker's images and in varve's. */
export async function checkBehaviour(
  behaviour: Behaviour,
  url: string,
  addresses: Addresses,
): Promise<string[]> {
  const { name, dockerfile, versions, judge, isSame } = behaviour;
  const made: string[] = [];
  const built: string[] = [];
  const wrong: string[] = [];
  for (const [index, files] of versions.entries()) {
    using folder = temporaryFolder();
    using beside = temporaryFolder({ Dockerfile: dockerfile });
    await writeFiles(folder.path, files);
    const image = `behaviour-${name}:${index}`;
    const bases = [DEBIAN, TOOLS].flatMap((base) => [
      "--build-context",
      `${base}=docker-image://${addresses.registry}/library/${base}`,
    ]);
    await docker([
      "buildx",
      "build",
      "--tag",
      image,
      "--file",
      join(beside.path, "Dockerfile"),
      ...bases,
      folder.path,
    ]);
    made.push(await outputOf(image, behaviour));
    const own = await buildByVarve(url, name, dockerfile, folder.path);
    built.push(await outputOf(own, behaviour));
    const [repository] = own.split("@");
    const age = await text(["images", "--format", "{{.CreatedSince}}", repository as string]);
    if (!/second|minute/.test(age)) wrong.push(`docker images shows "${age}"`);
    await docker(["image", "rm", image, own]);
  }
  const judged = (who: string, [before = "", after = ""]: string[]) => {
    const reason = judge([before, after]);
    return reason === undefined ? [] : [`${who}: ${reason}`];
  };
  const differences = made.flatMap((text, index) =>
    isSame && text !== built[index]
      ? [`version ${index} prints ${built[index]}, and in docker's image ${text}`]
      : [],
  );
  return [...wrong, ...judged("docker", made), ...judged("varve", built), ...differences];
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, [content, time]] of Object.entries(files)) {
    const at = join(folder, path);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, content, "latin1");
    await utimes(at, time, time);
  }
}

/** @returns the name of the image, which docker has pulled */
async function buildByVarve(url: string, name: string, dockerfile: string, folder: string): Promise<string> {
  const options = { maxBuffer: 2 ** 26, encoding: "buffer" as const };
  const { stdout } = await promisify(execFile)("tar", ["-C", folder, "-c", "."], options);
  const form = new FormData();
  form.set("dockerfile", new Blob([dockerfile]));
  form.set("context", new Blob([stdout]));
  const answer = await fetch(`${url}/v1/builds?t=behaviour/${name}:1`, { method: "POST", body: form });
  if (!answer.ok) throw new Error(await answer.text());
  const digest = answer.headers.get("docker-content-digest");
  await answer.body?.cancel();
  const image = `${new URL(url).host.replace("localhost", "127.0.0.1")}/behaviour/${name}@${digest}`;
  await docker(["pull", "--quiet", image]);
  return image;
}

async function outputOf(image: string, { command, user = "65534" }: Behaviour): Promise<string> {
  const run = () => text(["run", "--rm", "--network", "none", "--user", user, image, "sh", "-c", command]);
  // Each command prints something, but docker sometimes loses the output of a short program.
  return (await run()) || run();
}

async function text(args: string[]): Promise<string> {
  return new TextDecoder().decode(await docker(args)).trim();
}
