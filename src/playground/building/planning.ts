import { effect, signal } from "@preact/signals";
import type { PlanResult } from "../../../schemas/plan.ts";
import { ServiceError, UnreachableError } from "../../client/service.ts";
import { encodeItem } from "../../context/posted-listing.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { displayRepository } from "../../registry/names.ts";
import { changes, type ProjectContext, readContext } from "../project/context.ts";
import { inputs, type ProjectInputs, requestOptions } from "../project/project.ts";
import { selected } from "../project/selection.ts";
import { fetchPlan, isUnavailable, service } from "../service.ts";
import type { LocalPlan } from "./local-plan.ts";

/** A plan, with the project inputs that it belongs to. */
export interface Planned {
  readonly inputs: ProjectInputs;
  /** The plan of the page itself. */
  readonly local: LocalPlan | undefined;
  /** The plan of the server, which knows the build cache. */
  readonly result: PlanResult | undefined;
}

export const planned = signal<Planned | undefined>(undefined);
/** Whether a plan was requested and has not arrived. */
export const isPlanning = signal(false);
/** Counts finished builds. Each of them can change the build cache, and so the plan. */
export const cacheRevision = signal(0);

/** Milliseconds without a change before a plan is requested. */
const DELAY = 300;
/** Milliseconds before a request to a server that did not respond is repeated. */
const RETRY_MS = 3000;
/** Maximum number of context entries that are sent in the plan request; a larger listing is posted first. */
const MAX_INLINE_ENTRIES = 500;

/** Plans the project now and after every change. @returns a function that stops it */
export function startPlanning(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let aborter = new AbortController();
  let delay = 0;
  const stop = effect(() => {
    const wanted = inputs.value;
    void cacheRevision.value;
    clearTimeout(timer);
    aborter.abort();
    aborter = new AbortController();
    const { signal } = aborter;
    const attempt = async () => {
      // The server can be restarting: it can plan the same project later.
      if ((await planOnce(wanted, signal)) === "again") timer = setTimeout(() => void attempt(), RETRY_MS);
    };
    timer = setTimeout(() => void attempt(), delay);
    delay = DELAY;
  });
  return () => {
    stop();
    clearTimeout(timer);
    aborter.abort();
  };
}

/** @returns "again" when the server did not respond, so that the request is worth repeating */
async function planOnce(wanted: ProjectInputs, signal: AbortSignal): Promise<"again" | undefined> {
  isPlanning.value = true;
  try {
    // The engine is large, so it is loaded only when there is something to plan.
    const { localPlan } = await import("./local-plan.ts");
    const local = await localPlan(wanted);
    if (signal.aborted) return undefined;
    const before = planned.peek();
    if (before?.inputs.dockerfile !== wanted.dockerfile) {
      planned.value = { inputs: wanted, local, result: undefined };
    }
    const result = await readAndPlan(wanted, signal);
    if (signal.aborted) return undefined;
    planned.value = { inputs: wanted, local, result: result === "unavailable" ? undefined : result };
    return result === "unavailable" ? "again" : undefined;
  } finally {
    if (!signal.aborted) isPlanning.value = false;
  }
}

/**
 * Errors after which there is no plan: the server rejects the request or cannot be reached, the image name is invalid,
 * or a file was deleted from disk.
 */
const reasons = [ServiceError, UnreachableError, BuildError, DOMException];

/** Requests a plan; undefined when the server cannot make one, and "unavailable" when it does not respond. */
async function readAndPlan(
  wanted: ProjectInputs,
  signal: AbortSignal,
): Promise<PlanResult | "unavailable" | undefined> {
  try {
    const context = await readContext(wanted.files, selected.peek(), { signal });
    return await planContext(wanted, context);
  } catch (error) {
    if (!signal.aborted && isUnavailable(error)) return "unavailable";
    if (signal.aborted || reasons.some((reason) => error instanceof reason)) return undefined;
    throw error;
  }
}

/** Plans a Dockerfile with a context of which the server may lack the contents. */
export async function planContext(
  { dockerfile, dockerfilePath, ignore, options }: ProjectInputs,
  context: Pick<ProjectContext, "nodes" | "digest">,
): Promise<PlanResult> {
  const request = { dockerfile, ignore, options: { ...requestOptions(options), dockerfile: dockerfilePath } };
  if (context.nodes.length <= MAX_INLINE_ENTRIES) {
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
    return fetchPlan(request.options.tags, { ...request, listing });
  }
  await postListing(displayRepository(scopeOf(readImageNames(request.options.tags, location.host))), context);
  return fetchPlan(request.options.tags, { ...request, context: context.digest });
}

type Listed = Pick<ProjectContext, "nodes" | "digest">;

/** The last listing that was posted to the server, by scope. */
const posted = new Map<string, Listed>();

/** Posts a listing as the difference from the last one; posts all of it when the server no longer has that one. */
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
