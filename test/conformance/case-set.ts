import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

/** What became of the cases of one set. */
export interface SetResult {
  passed: string[];
  failed: Failure[];
  /** Cases that are left out because they need RUN. */
  needRun?: number;
}

export interface Failure {
  /** Name of the case, unique in its set. */
  name: string;
  /** What was expected and what came out. */
  detail: string;
}

/** One case: does nothing when the behaviour is BuildKit's, throws when it is not. */
export type Check = () => void | Promise<void>;

/** Where BuildKit's recorded behaviour lies: `$VARVE_SHARED/conformance`, or beside the repository. */
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
