import { computed } from "@preact/signals";
import { type PathJudge, pathJudge } from "../../context/context-view.ts";
import { PatternError } from "../../dockerignore/pattern-error.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { files, ignoreText, paths } from "./project.ts";

/** The compiled ignore file. An invalid file ignores nothing, and `fault` says why it is invalid. */
export const ignore = computed((): { judge: PathJudge; fault?: string } => {
  try {
    return { judge: pathJudge({ ignore: readIgnoreFile(ignoreText.value) }) };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { judge: pathJudge({ ignore: [] }), fault: error.reason };
  }
});

/** A path of the build context: a file, or a directory that contains files. */
export interface SelectedPath {
  path: string;
  isDirectory: boolean;
}

/**
 * Yields the paths of the build context in path order. As on the command line, an ignored directory is part of the
 * context when a path below it is not ignored.
 */
export function* select(
  sorted: readonly string[],
  judge: PathJudge,
): Generator<SelectedPath, void, undefined> {
  interface Directory {
    path: string;
    isEntered: boolean;
    isYielded: boolean;
  }
  const stack: Directory[] = [{ path: "", isEntered: true, isYielded: true }];
  const parents = function* (): Generator<SelectedPath> {
    for (const directory of stack) {
      if (directory.isYielded) continue;
      directory.isYielded = true;
      yield { path: directory.path, isDirectory: true };
    }
  };
  for (const path of sorted) {
    while (!isBelow(path, (stack.at(-1) as Directory).path)) stack.pop();
    for (let parent = stack.at(-1) as Directory; ; parent = stack.at(-1) as Directory) {
      const from = parent.path === "" ? 0 : parent.path.length + 1;
      const slash = path.indexOf("/", from);
      if (slash < 0) break;
      const directory = path.slice(0, slash);
      const verdict = parent.isEntered ? judge(directory) : "drop";
      const isEntered = verdict !== "drop";
      stack.push({ path: directory, isEntered, isYielded: !isEntered });
      if (verdict === "keep") yield* parents();
    }
    if (!stack.at(-1)?.isEntered || judge(path) !== "keep") continue;
    yield* parents();
    yield { path, isDirectory: false };
  }
}

function isBelow(path: string, directory: string): boolean {
  return directory === "" || path.startsWith(`${directory}/`);
}

/** Paths of the build context, including directories. */
export const selected = computed((): readonly SelectedPath[] => [...select(paths.value, ignore.value.judge)]);

/** The same paths as a set. */
export const selectedSet = computed(
  (): ReadonlySet<string> => new Set(selected.value.map(({ path }) => path)),
);

/** Numbers of sent and of ignored files, and their bytes. */
export const amounts = computed(() => {
  const sent = { files: 0, bytes: 0 };
  const ignored = { files: 0, bytes: 0 };
  for (const [path, { size }] of files.value) {
    const amount = selectedSet.value.has(path) ? sent : ignored;
    amount.files++;
    amount.bytes += size;
  }
  return { sent, ignored };
});
