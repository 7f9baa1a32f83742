import { effect, signal } from "@preact/signals";
import type { PlanRequest, PlanResult } from "../../../schemas/plan.ts";
import { ServiceError, UnreachableError } from "../../client/service.ts";
import { encodeItem } from "../../context/posted-listing.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { displayRepository } from "../../registry/names.ts";
import { listChanges, type ProjectContext, readContext } from "../project/context.ts";
import { inputs, type ProjectInputs, requestOptions } from "../project/project.ts";
import { selected } from "../project/selection.ts";
import { fetchPlan, isUnavailable, service } from "../service.ts";
import type { LocalPlan } from "./local-plan.ts";

/** The plans of a project. */
export interface CurrentPlan {
  /** The inputs of the plans. The project can have changed since. */
  readonly inputs: ProjectInputs;
  /** The page's own plan. */
  readonly local: LocalPlan | undefined;
  /** The server's plan, which includes the build cache. */
  readonly result: PlanResult | undefined;
}

/** The last plans of the open project. */
export const currentPlan = signal<CurrentPlan | undefined>(undefined);
/** Whether a plan is being computed. */
export const isPlanning = signal(false);
/** Incremented when a build ends, because the build cache can have changed. */
export const cacheRevision = signal(0);

/** Milliseconds without a change before a plan is requested. */
const DELAY_MS = 300;
/** Milliseconds before the next request to a server that was unavailable. */
const RETRY_MS = 3000;
/** Maximum number of context entries in a plan request. A larger listing is posted before the request. */
const MAX_INLINE_ENTRIES = 500;

/** The entries of a context and the digest of their listing. */
export type ContextListing = Pick<ProjectContext, "nodes" | "digest">;

/** Plans the project now and after each change. @returns a function that stops this */
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
      if ((await planOnce(wanted, signal)) === "again") timer = setTimeout(() => void attempt(), RETRY_MS);
    };
    timer = setTimeout(() => void attempt(), delay);
    delay = DELAY_MS;
  });
  return () => {
    stop();
    clearTimeout(timer);
    aborter.abort();
  };
}

/** @returns "again" when the server was unavailable */
async function planOnce(wanted: ProjectInputs, signal: AbortSignal): Promise<"again" | undefined> {
  isPlanning.value = true;
  try {
    // The engine is large, so the page loads it after its other parts.
    const { computeLocalPlan } = await import("./local-plan.ts");
    const local = await computeLocalPlan(wanted);
    if (signal.aborted) return undefined;
    const before = currentPlan.peek();
    if (before?.inputs.dockerfile !== wanted.dockerfile) {
      currentPlan.value = { inputs: wanted, local, result: undefined };
    }
    const result = await readAndPlan(wanted, signal);
    if (signal.aborted) return undefined;
    currentPlan.value = { inputs: wanted, local, result: result === "unavailable" ? undefined : result };
    return result === "unavailable" ? "again" : undefined;
  } finally {
    if (!signal.aborted) isPlanning.value = false;
  }
}

/**
 * Errors that mean that there is no plan: the server rejected the request or cannot be reached, the image name is
 * invalid, or a file was deleted from disk.
 */
const expectedErrors = [ServiceError, UnreachableError, BuildError, DOMException];

/** Reads the context and fetches the plan; undefined when there is none. */
async function readAndPlan(
  wanted: ProjectInputs,
  signal: AbortSignal,
): Promise<PlanResult | "unavailable" | undefined> {
  try {
    const context = await readContext(wanted.files, selected.peek(), { signal });
    return await planContext(wanted, context);
  } catch (error) {
    if (!signal.aborted && isUnavailable(error)) return "unavailable";
    if (signal.aborted || expectedErrors.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}

/** Fetches the plan for a context. The server needs only the listing of the context, not the contents of its files. */
export async function planContext(
  { dockerfile, dockerfilePath, ignore, options }: ProjectInputs,
  context: ContextListing,
): Promise<PlanResult> {
  const request = { dockerfile, ignore, options: { ...requestOptions(options), dockerfile: dockerfilePath } };
  if (context.nodes.length <= MAX_INLINE_ENTRIES) {
    const listing: PlanRequest["listing"] = context.nodes.map(
      ({ path, type, mode, uid, gid, size, digest = "" }) => [path, type, mode, uid, gid, size, digest],
    );
    return fetchPlan(request.options.tags, { ...request, listing });
  }
  await postListing(displayRepository(scopeOf(readImageNames(request.options.tags, location.host))), context);
  return fetchPlan(request.options.tags, { ...request, context: context.digest });
}

/** The last listing that was posted to the server, by scope. */
const posted = new Map<string, ContextListing>();

/** Posts the difference from the last listing, or all of the listing when the server no longer has the last one. */
async function postListing(scope: string, context: ContextListing): Promise<void> {
  const before = posted.get(scope);
  if (before?.digest === context.digest) return;
  const lines = before === undefined ? [] : [`${JSON.stringify({ base: before.digest })}\n`];
  const items = before === undefined ? context.nodes : listChanges(before.nodes, context.nodes);
  for (const item of items) lines.push(`${encodeItem(item)}\n`);
  try {
    await service.postListing(scope, new TextEncoder().encode(lines.join("")));
    posted.set(scope, context);
  } catch (error) {
    posted.delete(scope);
    const isBaseUnknown = error instanceof ServiceError && error.problem.code === "base-unknown";
    if (before === undefined || !isBaseUnknown) throw error;
    await postListing(scope, context);
  }
}
