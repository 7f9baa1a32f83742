import { ignoreMatcher } from "../../../src/dockerignore/match.ts";
import { readIgnoreFile } from "../../../src/dockerignore/read.ts";
import { atOnce } from "../../../src/streams/turns.ts";
import type { ContextEntry } from "../case.ts";
import type { Outcome } from "../result.ts";
import { isFailure } from "../result.ts";
import type { Draft } from "./draft.ts";

/** A difference that is expected, in a case of which both outcomes are known. */
interface Known {
  because: string;
  /** Whose the difference is: the daemon's, or that of a newer builder. Default both. */
  of?: "daemon" | "builder";
  holds(draft: Draft, docker: Outcome, varve: Outcome): boolean;
}

/** An error message without the builders' own names of contexts and folders. */
const withoutRef = (outcome: Outcome) =>
  errorOf(outcome)
    .replace(/^failed to compute cache key: /, "")
    .replace(/ref \S+:/, "ref:")
    .replaceAll("<mount>", "");

const errorOf = (outcome: Outcome) => (isFailure(outcome) ? outcome.error : "");

export const known: readonly Known[] = [
  {
    because: "a user is also found when there is no /etc/group or /etc/passwd (newer BuildKit)",
    of: "daemon",
    holds: (_, docker) => /unable to find (?:user|groups).*invalid argument/.test(errorOf(docker)),
  },
  {
    because:
      "--parents and --exclude accept a context with a link that leads nowhere: see docs/differences.md",
    of: "builder",
    holds: ({ context }, docker) =>
      /"\/0link": not found/.test(errorOf(docker)) && isDangling(context["0link"], context),
  },
  {
    because: "docker reads each byte of a flag as a character: see docs/differences.md",
    holds: ({ instructions }) => instructions.some((line) => /^\w+(?: --\S+)* --\S*[^ -~]/.test(line)),
  },
  {
    because: "docker's client cannot name a source that has control characters: see docs/differences.md",
    holds: (_, docker) => /"followpaths" contains value with non-printable/.test(errorOf(docker)),
  },
  {
    because: "an ignore file is checked also when no step reads the context: see docs/differences.md",
    holds: (_, docker, varve) => !isFailure(docker) && /syntax error in pattern/.test(errorOf(varve)),
  },
  {
    because:
      "a fault of a trigger is at the FROM, not at the line of the trigger's own text (newer BuildKit)",
    of: "daemon",
    holds: ({ instructions }, docker, varve) => {
      if (!isFailure(docker) || !isFailure(varve) || docker.line !== 1 || varve.line === 1) return false;
      const lines = instructions.join("\n").split("\n");
      const isAtFrom = /^FROM /i.test(lines[(varve.line ?? 0) - 1] ?? "");
      // After the same words, varve shows the lines.
      return isAtFrom && withoutRef(varve).startsWith(withoutRef(docker));
    },
  },
  {
    because: "`#!` after a tab in `RUN <<-` begins a script (newer BuildKit)",
    of: "daemon",
    holds: ({ instructions }) => instructions.some((text) => /<<-\S*\n\t+#!/.test(text)),
  },
  {
    because: "files whose contents docker withholds are left out: see docs/differences.md",
    holds: ({ ignore, context }, _, varve) => {
      // Otherwise a pattern may be invalid.
      if (isFailure(varve)) return false;
      const matcher = ignoreMatcher(readIgnoreFile(ignore.join("\n")));
      return Object.keys(context)
        .flatMap(withParents)
        .some((path) => !matcher.excludes(path) && atOnce(matcher.withholding(path)));
    },
  },
];

function isDangling(entry: ContextEntry | undefined, context: Draft["context"]): boolean {
  if (typeof entry !== "object" || !("symlink" in entry)) return false;
  return !Object.keys(context).flatMap(withParents).includes(entry.symlink);
}

function withParents(path: string): string[] {
  const names = path.split("/");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
