import type { BuildRecord } from "../../../schemas/build.ts";
import type { BuildEvent } from "../../../schemas/events.ts";
import { chunks } from "../../streams/chunks.ts";
import { pause } from "../../streams/pause.ts";
import { AccessError } from "../access/denial.ts";
import { permitOf } from "../access/gate.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { Env } from "../environment.ts";
import { type Permit, whilePermitted } from "../http/while-permitted.ts";
import type { Build } from "./build-object.ts";

type Stub = DurableObjectStub<Build>;

/** Permits the events of a build while the caller who started it may still build. */
export function buildPermit(request: Request, env: Env, { tags }: BuildRecord): Permit {
  return permitOf(request, env, { right: "build", repositories: repositoriesOfTags(tags) });
}

/** Maximum number of attempts to follow a build without a new event, and milliseconds between them. */
const MAX_LOST = 10;
const LOST_PAUSE_MS = 500;

/**
 * The events of a build after `seq`, until it ends. If its instance is replaced, continues with the events of the next one, which
 * executes the build again. If the caller loses the right, the last event contains the reason.
 */
export async function* followBuild(
  open: () => Stub,
  seq: number,
  permit: Permit,
  run?: number,
): AsyncGenerator<BuildEvent> {
  let last = { seq, time: 0 };
  let isEnded = false;
  for (let lost = 0; ; lost++) {
    try {
      for await (const event of eventsAfter(open(), last.seq, permit, run)) {
        last = { seq: event.seq, time: event.time };
        lost = 0;
        yield event;
        if (event.type === "result" || event.type === "error") return;
      }
      if (isEnded || lost === MAX_LOST) return;
      isEnded = (await open().record(run))?.state !== "running";
    } catch (error) {
      if (error instanceof AccessError && [401, 403].includes(error.problem.status)) {
        // The build continues.
        yield { ...last, type: "error", problem: { ...error.problem, ...continues } };
        return;
      }
      if (error instanceof AccessError || lost === MAX_LOST) throw error;
    }
    if (!isEnded) await pause(LOST_PAUSE_MS);
  }
}

/** The events of one instance of the build, until the instance or the build ends. */
async function* eventsAfter(
  build: Stub,
  seq: number,
  permit: Permit,
  run: number | undefined,
): AsyncGenerator<BuildEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks(whilePermitted(await build.follow(seq, run), permit), 1)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as BuildEvent;
  }
}

const continues = {
  title: "The credential no longer grants access to the build",
  hint: "The build continues. GET /v1/builds/<id>/events returns its other events.",
};

/** Waits until a build has ended, and returns its record. @throws {AccessError} when the caller loses the right before */
export async function waitForEnd(open: () => Stub, permit: Permit, run?: number): Promise<BuildRecord> {
  for await (const _ of followBuild(open, 0, permit, run));
  await permit();
  return (await open().record(run)) as BuildRecord;
}
