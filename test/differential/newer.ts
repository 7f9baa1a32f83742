import type { ImageRecord } from "./records.ts";
import type { HistoryEntry, ImageConfig, RootfsEntry } from "./result.ts";

/**
 * Differences of the BuildKit that varve follows from the one that made the records (0.13, in Docker 26). They are applied
 * to a record before it is compared with varve.
 */
export interface Newer {
  because: string;
  /** Rewrites one line of history, or returns it unchanged. */
  history?(line: HistoryEntry): HistoryEntry;
  /** Recorded path → the current path of the entry. Applied before `rootfs`. */
  moved?: Record<string, string>;
  /** By path: a whole entry where a type is given, else those members of the recorded one that differ. */
  rootfs?: Record<string, Partial<RootfsEntry>>;
  /** Recorded paths that are absent now. */
  gone?: string[];
  /** Members of the config that are different now. */
  config?: ImageConfig;
  /** The build is rejected, or rejected with another message: texts that the message contains. */
  fails?: string[];
  /** The line of the Dockerfile that the message is about. */
  line?: number;
  /** The build was rejected and now has this result. */
  image?: ImageRecord;
}

function createdBy(pattern: RegExp, replace: (match: string[]) => string): Pick<Newer, "history"> {
  return {
    history(line) {
      const match = line.created_by?.match(pattern);
      return match ? { ...line, created_by: replace([...match]) } : line;
    },
  };
}

/** Lines of the bases keep the old form, so only the lines of the build itself are rewritten. */
export const exposeHistory: Newer = {
  because: "history shows the ports of EXPOSE as a list, no longer as Go prints a map",
  ...createdBy(/^EXPOSE map\[(.*)\]$/, ([, ports = ""]) => `EXPOSE [${ports.replaceAll(":{}", "")}]`),
};

export const healthcheckHistory: Newer = {
  because: "history shows the fields of HEALTHCHECK by name, no longer as Go prints a pointer to them",
  ...createdBy(/^HEALTHCHECK &\{\[(.*)\] "(\S+)" "(\S+)" "(\S+)" "(\S+)" '\\x(..)'\}$/, (match) => {
    const [, test = "", interval, timeout, startPeriod, startInterval, retries = "0"] = match;
    const words = [...test.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([word]) => JSON.parse(word));
    return [
      `HEALTHCHECK {Test:[${words.join(" ")}] Interval:${interval} Timeout:${timeout}`,
      `StartPeriod:${startPeriod} StartInterval:${startInterval} Retries:${Number.parseInt(retries, 16)}}`,
    ].join(" ");
  }),
};

/** @param lines The older version's lines of an ARG → those of the newer one. */
export function argHistory(lines: Record<string, string>): Newer {
  return {
    because: "history shows the value that an ARG got, not only its default",
    ...createdBy(/^ARG .*$/, ([line = ""]) => lines[line] ?? line),
  };
}

export const repeatedArg: Newer = {
  because: "history of RUN shows an ARG that is declared again only once",
  ...createdBy(/^RUN \|2 (\S+) \1 (.*)$/s, ([, arg = "", command = ""]) => `RUN |1 ${arg} ${command}`),
};

/** @param modes Path → mode of a parent directory that the COPY created. */
export function chmodOfParents(modes: Record<string, string>): Newer {
  return {
    because: "--chmod is also given to the directories that lead to the destination, when they are made",
    rootfs: Object.fromEntries(Object.entries(modes).map(([path, mode]) => [path, { mode }])),
  };
}

/** @param paths entries of an archive that is added with `--chown` */
export function ownersOfArchive(paths: readonly string[], [uid, gid]: readonly [number, number]): Newer {
  return {
    because: "--chown is given to every entry of an archive, no longer to the destination alone",
    rootfs: Object.fromEntries(paths.map((path) => [path, { uid, gid }])),
  };
}

/** @param change The changes by --link: new parents, replaced links. */
export function merged(change: Pick<Newer, "moved" | "rootfs">): Newer {
  return {
    because: "in Docker's own image store --link is a plain COPY, since its graph drivers cannot merge",
    ...change,
  };
}

/** A directory that --link copies over any existing entry. */
export const freshDir = { type: "dir", mode: "0755", uid: 0, gid: 0 } as const;
