import { ignoreMatcher } from "../../../src/dockerignore/match.ts";
import { readIgnoreFile } from "../../../src/dockerignore/read.ts";
import type { Outcome } from "../result.ts";
import { isFailure } from "../result.ts";
import type { Draft } from "./generate.ts";

/** A difference that is expected, in a case of which both outcomes are known. */
interface Known {
  because: string;
  /** The difference is between the daemon and newer BuildKit. */
  isOfDaemon?: true;
  holds(draft: Draft, docker: Outcome, varve: Outcome): boolean;
}

const errorOf = (outcome: Outcome) => (isFailure(outcome) ? outcome.error : "");

export const known: readonly Known[] = [
  {
    because: "a user is also found when there is no /etc/group or /etc/passwd (newer BuildKit)",
    isOfDaemon: true,
    holds: (_, docker) => /unable to find (?:user|groups).*invalid argument/.test(errorOf(docker)),
  },
  {
    because: "files whose contents docker withholds are left out: see docs/differences.md",
    holds: ({ ignore, context }) => {
      const matcher = ignoreMatcher(readIgnoreFile(ignore.join("\n")));
      return Object.keys(context)
        .flatMap(withParents)
        .some((path) => !matcher.excludes(path) && matcher.withholds(path));
    },
  },
];

function withParents(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
