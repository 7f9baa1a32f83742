import type { BuildEvent } from "../../schemas/events.ts";
import type { RunningBuild, Service } from "../client/service.ts";
import { KeyringError } from "../machine/local-keyring.ts";
import { OwnRunner, OwnRunnerError } from "../machine/own-runner.ts";
import type { BuildFlags } from "./build-flags.ts";
import { CommandError } from "./command-error.ts";

/**
 * Has this machine take part in the next build of `service`, as the flags say; what it answers is done to the build
 * that was begun.
 * @throws {CommandError} when a secret or an agent is not there
 */
export async function prepareRunner(
  service: Service,
  { server, runner: place, secrets, ssh, steps, options: { allow } }: BuildFlags,
): Promise<(build: RunningBuild) => RunningBuild> {
  try {
    const own = new OwnRunner({ server, place, secrets, ssh, allow, steps });
    service.companion = await own.companion();
    return (build) => {
      const attended = own.attend(build);
      return { ...attended, events: explained(attended, service) };
    };
  } catch (error) {
    throw asCommandError(error);
  }
}

/** What ends here ends at the server, too. */
async function* explained({ id, events }: RunningBuild, service: Service): AsyncGenerator<BuildEvent> {
  try {
    yield* events;
  } catch (error) {
    if (error instanceof OwnRunnerError) await service.cancel(id).catch(() => {});
    throw asCommandError(error);
  }
}

function asCommandError(error: unknown): unknown {
  if (error instanceof KeyringError) return new CommandError(error.message);
  return error instanceof OwnRunnerError ? new CommandError(error.message, error.hint) : error;
}
