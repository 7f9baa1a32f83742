import { USUAL_TIME } from "../archive/write.ts";
import { buildWithDocker } from "../builders/docker.ts";
import { buildWithVarve } from "../builders/varve.ts";
import type { Addresses } from "../case.ts";
import { compare } from "../compare.ts";
import { type ImageResult, isFailure, type Outcome, type RootfsEntry } from "../result.ts";
import { expectedTimes, now, settleTimes, withoutTimesOfRun } from "../times.ts";
import { caseOf, type Draft } from "./draft.ts";
import { known } from "./known.ts";

/** Number of times that docker builds a case again before a difference counts. */
const REPETITIONS = 2;

/** Builds cases with docker and with varve, and compares what they make. */
export class Judge {
  readonly #url: string;
  readonly #addresses: Addresses;
  readonly #builder: string | undefined;

  /**
   * @param url of varve
   * @param builder of buildx that builds instead of the daemon
   */
  constructor(url: string, addresses: Addresses, builder?: string) {
    this.#url = url;
    this.#addresses = addresses;
    this.#builder = builder;
  }

  /** Differences of a draft, none when both agree or the difference is a known one. */
  async differences(draft: Draft): Promise<string[]> {
    const docker = await this.#buildWithDocker(draft);
    const varve = await this.#buildWithVarve(draft);
    const found = this.#compare(draft, docker, varve);
    if (found.length === 0 || known.some((one) => this.#applies(one) && one.holds(draft, docker, varve)))
      return [];
    return (await this.#isOtherFault(draft, docker, varve)) ? [] : found;
  }

  /** Whether docker's result of a draft is always the same. */
  async isStable(draft: Draft): Promise<boolean> {
    const first = await this.#buildWithDocker(draft);
    for (let left = REPETITIONS; left > 0; left--) {
      const again = await this.#buildWithDocker(draft);
      if (isFailure(first) !== isFailure(again) || this.#compare(draft, first, again).length > 0)
        return false;
    }
    return true;
  }

  #applies({ of }: (typeof known)[number]): boolean {
    return of === undefined || of === (this.#builder === undefined ? "daemon" : "builder");
  }

  async #buildWithDocker(draft: Draft): Promise<Outcome> {
    const testCase = caseOf(draft);
    const since = now();
    const options = this.#builder === undefined ? {} : { builder: this.#builder };
    const { outcome } = await buildWithDocker(testCase, this.#addresses, options);
    return withoutTimesOfRun(testCase, settleTimes(outcome, since));
  }

  async #buildWithVarve(draft: Draft): Promise<Outcome> {
    const since = now();
    return settleTimes(await buildWithVarve(this.#url, caseOf(draft), this.#addresses), since);
  }

  #compare(draft: Draft, docker: Outcome, varve: Outcome): string[] {
    if (!isFailure(docker)) {
      const untouched = withoutTouchedDirectories(draft, docker, varve);
      return compare(expectedTimes(caseOf(draft), untouched, varve, this.#addresses), varve);
    }
    const lines = compare({ fails: [], ...(docker.line !== undefined && { line: docker.line }) }, varve);
    return lines.length === 0 ? [] : [...lines, `docker: ${docker.error}`];
  }

  /**
   * Whether the builders report different faults of a case that has several: steps execute at the same time, and the
   * first failure ends the build. Without the instruction that varve reports, it reports the one that docker does.
   */
  async #isOtherFault(draft: Draft, docker: Outcome, varve: Outcome): Promise<boolean> {
    const wanted = isFailure(docker) ? instructionAt(draft, docker.line) : undefined;
    if (wanted === undefined) return false;
    for (let rest = draft, outcome = varve; isFailure(outcome); outcome = await this.#buildWithVarve(rest)) {
      const reported = instructionAt(rest, outcome.line);
      if (reported === undefined) return false;
      if (reported === wanted) return true;
      rest = { ...rest, instructions: rest.instructions.filter((one) => one !== reported) };
    }
    return false;
  }
}

/**
 * What docker made, without the times of directories that varve left as the base or an earlier step has them: docker's
 * graph drivers keep a directory of which only the time changed, and layers of BuildKit leave it out. A step changes only
 * the time of a directory that an earlier one made when it copies an empty directory to it.
 */
function withoutTouchedDirectories({ context }: Draft, docker: ImageResult, varve: Outcome): ImageResult {
  if (isFailure(varve)) return docker;
  const paths = Object.keys(context);
  const hasEmpty = Object.entries(context).some(
    ([path, entry]) =>
      typeof entry === "object" && "dir" in entry && !paths.some((other) => other.startsWith(`${path}/`)),
  );
  const isUntouched = ({ type, mtime }: RootfsEntry) =>
    type === "dir" && (mtime === USUAL_TIME || (hasEmpty && mtime === "now"));
  const untouched = new Set(varve.rootfs.filter(isUntouched).map(({ path }) => path));
  const rootfs = docker.rootfs.map(({ mtime, ...entry }) =>
    mtime === undefined || untouched.has(entry.path) ? entry : { ...entry, mtime },
  );
  return { ...docker, rootfs };
}

function instructionAt({ instructions }: Draft, line: number | undefined): string | undefined {
  let end = 0;
  return instructions.find((text) => {
    end += text.split("\n").length;
    return line !== undefined && line <= end;
  });
}
