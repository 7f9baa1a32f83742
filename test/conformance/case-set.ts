import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

/** The results of the cases of one set. */
export interface SetResult {
  passed: string[];
  failed: Failure[];
  /** Skipped cases: they need RUN. */
  needRun?: number;
}

export interface Failure {
  /** Name of the case, unique in its set. */
  name: string;
  /** The expected and the actual result. */
  detail: string;
}

/** One case. Throws when the behaviour differs from BuildKit's. */
export type Check = () => void | Promise<void>;

/** Folder of BuildKit's recorded behaviour: `$VARVE_SHARED/conformance`, or beside the repository. */
export function conformanceFolder(): string {
  const shared = process.env.VARVE_SHARED ?? resolve(import.meta.dirname, "../../../shared");
  return resolve(shared, "conformance");
}

/** Reads the cases of a JSON file of the conformance folder. */
export async function readCases<T>(file: string): Promise<T[]> {
  const { cases } = JSON.parse(await readFile(resolve(conformanceFolder(), file), "utf8")) as { cases: T[] };
  return cases;
}

/** Runs checks one after the other. Names that occur more than once get a number. */
export async function runChecks(checks: Iterable<[name: string, check: Check]>): Promise<SetResult> {
  const result: SetResult = { passed: [], failed: [] };
  const seen = new Map<string, number>();
  for (const [given, check] of checks) {
    const count = (seen.get(given) ?? 0) + 1;
    seen.set(given, count);
    const name = count === 1 ? given : `${given} (${count})`;
    try {
      await check();
      result.passed.push(name);
    } catch (error) {
      result.failed.push({ name, detail: error instanceof Error ? error.message : String(error) });
    }
  }
  return result;
}
