import { relative } from "node:path";
import { EXIT, errorText, exitCodeOf } from "../../command/command-error.ts";
import type { InputState, LocalInputs } from "../../command/contexts/build-inputs.ts";
import { Interrupt } from "../../command/interrupt.ts";
import { DirectoryWatcher } from "../../machine/directory-watcher.ts";
import { MachineError } from "../../machine/machine-error.ts";
import { isBelow } from "../../rootfs/path-parts.ts";
import { changesOf, changesText } from "./watch-changes.ts";

export interface WatchOptions {
  /**
   * Builds once and prints the result or the failure.
   * @param onInputs is called for each context folder with what the build reads of it
   * @returns the exit code
   */
  build(onInputs: (inputs: LocalInputs) => void, interrupt: Interrupt): Promise<number>;
  /** Absolute paths that the build writes: they are not inputs. */
  written: readonly string[];
  /** Prints no line about changes. */
  isQuiet: boolean;
}

/**
 * Builds, and builds again after each change of an input, until it is interrupted. A failed build does not end it, except
 * one whose inputs are unknown.
 * @returns the exit code
 */
export async function watchBuild({ build, written, isQuiet }: WatchOptions): Promise<number> {
  using watcher = new DirectoryWatcher();
  const print = (line: string) => {
    if (!isQuiet) process.stderr.write(`${line}\n`);
  };
  for (let isFirst = true; ; isFirst = false) {
    const inputs: LocalInputs[] = [];
    {
      using interrupt = new Interrupt();
      try {
        await build((read) => inputs.push(read), interrupt);
      } catch (error) {
        if (inputs.length === 0 || isFinal(exitCodeOf(error), isFirst)) throw error;
        process.stderr.write(errorText(error));
      }
      if (interrupt.isInterrupted) return interrupt.exitCode;
    }
    using interrupt = new Interrupt();
    interrupt.cancelsWith(() => process.exit(interrupt.exitCode));
    print("Waiting for changes. Ctrl-C ends the command.");
    print(changesText(await nextChanges(inputs, watcher, written)));
  }
}

/** Whether no change of a file can make the command succeed. Later, an unreachable server may become reachable again. */
function isFinal(code: number, isFirst: boolean): boolean {
  return code === EXIT.usage || code === EXIT.denied || (isFirst && code === EXIT.unavailable);
}

/** The state of all inputs; a part that cannot be read is replaced by the reason. */
async function stateOf(inputs: readonly LocalInputs[]): Promise<InputState> {
  const state = new Map<string, string>();
  for (const one of inputs) {
    try {
      for (const [path, text] of await one.state()) state.set(path, text);
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
      state.set(process.cwd(), error.message);
    }
  }
  return state;
}

/** Resolves with the differences between the inputs that were read and the current ones, once there are some. */
async function nextChanges(
  inputs: readonly LocalInputs[],
  watcher: DirectoryWatcher,
  written: readonly string[],
) {
  const isInput = (path: string) => !written.some((place) => path === place || isBelow(path, place));
  const before = await stateOf(inputs);
  for (;;) {
    // New directories are watched before they are read, so that no change is missed.
    watcher.watch(new Set(inputs.flatMap((one) => [...one.directories()])));
    const now = inputs.map((one) => one.reread());
    const changes = changesOf(before, await stateOf(now)).filter(({ path }) => isInput(path));
    if (changes.length > 0)
      return changes.map((change) => ({ ...change, path: relative(process.cwd(), change.path) || "." }));
    await watcher.change();
  }
}
