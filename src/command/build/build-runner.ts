import type { BuildEvent } from "../../../schemas/events.ts";
import type { RunningBuild, Service } from "../../client/service.ts";
import { MachineError } from "../../machine/machine-error.ts";
import { OwnRunner, type StoredResults } from "../../machine/own-runner.ts";
import { CommandError } from "../command-error.ts";
import type { BuildFlags } from "../flags/build-flags.ts";

/** Executes steps of one build on this machine. */
export interface MachineRunner {
  /** Executes steps of a build while its events are read. */
  attend(build: RunningBuild): RunningBuild;
  /** Must be called after the build, and after its result was printed. @returns a line that reports what was stored */
  finish(): Promise<string | undefined>;
}

/**
 * Prepares this machine to execute steps of the next build of `service`, as the flags say.
 * @throws {CommandError} when a secret or an agent is missing
 */
export async function prepareRunner(
  service: Service,
  { server, runner: place, secrets, ssh, steps, options: { allow, cache } }: BuildFlags,
): Promise<MachineRunner> {
  try {
    const own = new OwnRunner({ server, place, secrets, ssh, allow, cache, steps });
    service.companion = await own.companion();
    return {
      attend(build) {
        const attended = own.attend(build);
        return { ...attended, events: withExplanations(attended, service) };
      },
      async finish() {
        const stored = await own.finish();
        return stored && reportOf(stored);
      },
    };
  } catch (error) {
    throw asCommandError(error);
  }
}

function reportOf({ results, bytes, milliseconds, isCut }: StoredResults): string | undefined {
  const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
  const what = `${results} result${results === 1 ? "" : "s"} (${(bytes / 1e6).toFixed(1)} MB)`;
  if (isCut) return `cache: stopped after ${seconds}; ${what} stored for later builds`;
  return results === 0 ? undefined : `cache: ${what} stored for later builds in ${seconds}`;
}

/** A build that fails on this machine is cancelled at the server. */
async function* withExplanations({ id, events }: RunningBuild, service: Service): AsyncGenerator<BuildEvent> {
  try {
    yield* events;
  } catch (error) {
    if (error instanceof MachineError) await service.cancel(id).catch(() => {});
    throw asCommandError(error);
  }
}

function asCommandError(error: unknown): unknown {
  return error instanceof MachineError ? new CommandError(error.message, error.hint) : error;
}
