import { effect, signal } from "@preact/signals";
import type { PlanResult } from "../../../schemas/plan.ts";
import { ServiceError, UnreachableError } from "../../client/service.ts";
import { encodeItem } from "../../context/posted-listing.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { shownRepository } from "../../registry/names.ts";
import { changes, type ProjectContext, readContext } from "../project/context.ts";
import { inputs, type ProjectInputs, requestOptions } from "../project/project.ts";
import { selected } from "../project/selection.ts";
import { isAway, plan, service } from "../service.ts";
import type { LocalPlan } from "./local-plan.ts";

/** A plan of the project as it was when it was asked for. */
export interface Planned {
  readonly inputs: ProjectInputs;
  /** What the page itself says. */
  readonly local: LocalPlan | undefined;
  /** What the server says, with the build cache in view. */
  readonly result: PlanResult | undefined;
}

export const planned = signal<Planned | undefined>(undefined);
/** A plan is on its way. */
export const isPlanning = signal(false);
/** Counts builds: each leaves another build cache. */
export const cacheRevision = signal(0);

/** Milliseconds without a change before the server is asked. */
const DELAY = 300;
/** Milliseconds before a server that did not answer is asked again. */
const AGAIN = 3000;
/** Entries of a context that go with the request; larger ones are posted by themselves. */
const MOST_INLINE = 500;

/** Plans the project, and again whenever it changes. Gives what ends that. */
export function keepPlanning(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let aborter = new AbortController();
  const stop = effect(() => {
    const wanted = inputs.value;
    void cacheRevision.value;
    clearTimeout(timer);
    aborter.abort();
    aborter = new AbortController();
    const { signal } = aborter;
    const attempt = async () => {
      // A server that starts has a plan for the same project a little later.
      if ((await planOnce(wanted, signal)) === "again") timer = setTimeout(() => void attempt(), AGAIN);
    };
    timer = setTimeout(() => void attempt(), DELAY);
  });
  return () => {
    stop();
    clearTimeout(timer);
    aborter.abort();
  };
}

/** @returns whether the server did not answer, so that the same plan may be there later */
async function planOnce(wanted: ProjectInputs, signal: AbortSignal): Promise<"again" | undefined> {
  isPlanning.value = true;
  try {
    // The engine is large, and not needed before there is something to plan.
    const { localPlan } = await import("./local-plan.ts");
    const local = await localPlan(wanted);
    if (signal.aborted) return undefined;
    const before = planned.peek();
    if (before?.inputs.dockerfile !== wanted.dockerfile) {
      planned.value = { inputs: wanted, local, result: undefined };
    }
    const result = await askServer(wanted, signal);
    if (signal.aborted) return undefined;
    planned.value = { inputs: wanted, local, result: result === "away" ? undefined : result };
    return result === "away" ? "again" : undefined;
  } finally {
    if (!signal.aborted) isPlanning.value = false;
  }
}

/** Why there may be no answer: the server says no or is not there, the name is none, a file is gone from its disk. */
const reasons = [ServiceError, UnreachableError, BuildError, DOMException];

/** Undefined when the server cannot say. */
async function askServer(
  wanted: ProjectInputs,
  signal: AbortSignal,
): Promise<PlanResult | "away" | undefined> {
  try {
    const context = await readContext(wanted.files, selected.peek(), { signal });
    return await planContext(wanted, context);
  } catch (error) {
    if (!signal.aborted && isAway(error)) return "away";
    if (signal.aborted || reasons.some((reason) => error instanceof reason)) return undefined;
    throw error;
  }
}

/** Plans a Dockerfile with a context that the server need not have. */
export async function planContext(
  { dockerfile, dockerfilePath, ignore, options }: ProjectInputs,
  context: Pick<ProjectContext, "nodes" | "digest">,
): Promise<PlanResult> {
  const request = { dockerfile, ignore, options: { ...requestOptions(options), dockerfile: dockerfilePath } };
  if (context.nodes.length <= MOST_INLINE) {
    const listing = context.nodes.map(
      ({ path, type, mode, uid, gid, size, digest = "" }) =>
        [path, type, mode, uid, gid, size, digest] as [
          string,
          typeof type,
          number,
          number,
          number,
          number,
          string,
        ],
    );
    return plan(request.options.tags, { ...request, listing });
  }
  await postListing(shownRepository(scopeOf(readImageNames(request.options.tags, location.host))), context);
  return plan(request.options.tags, { ...request, context: context.digest });
}

type Listed = Pick<ProjectContext, "nodes" | "digest">;

/** Listings that the server was told last, by scope. */
const posted = new Map<string, Listed>();

/** Tells the server a listing: what is different from the last one, when it still has that. */
async function postListing(scope: string, context: Listed): Promise<void> {
  const before = posted.get(scope);
  if (before?.digest === context.digest) return;
  const lines = before === undefined ? [] : [`${JSON.stringify({ base: before.digest })}\n`];
  const items = before === undefined ? context.nodes : changes(before.nodes, context.nodes);
  for (const item of items) lines.push(`${encodeItem(item)}\n`);
  try {
    await service.postListing(scope, new TextEncoder().encode(lines.join("")));
    posted.set(scope, context);
  } catch (error) {
    posted.delete(scope);
    const isForgotten = error instanceof ServiceError && error.problem.code === "base-unknown";
    if (before === undefined || !isForgotten) throw error;
    await postListing(scope, context);
  }
}
