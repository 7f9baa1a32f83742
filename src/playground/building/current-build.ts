import { batch, computed, effect, type Signal, signal } from "@preact/signals";
import type { BuildEvent } from "../../../schemas/events.ts";
import type { Problem } from "../../../schemas/problem.ts";
import { type Service, ServiceError } from "../../client/service.ts";
import { type UploadProgress, uploadContext } from "../../client/upload-context.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { displayRepository } from "../../registry/names.ts";
import { pause } from "../../streams/pause.ts";
import { type ProjectContext, readContext } from "../project/context.ts";
import {
  inputs,
  openCount,
  type ProjectInputs,
  projectId,
  requestOptions,
  secrets,
} from "../project/project.ts";
import { selected } from "../project/selection.ts";
import { createService, isUnavailable, service } from "../service.ts";
import { BuildLog } from "./build-log.ts";
import { compressBlock } from "./compress-block.ts";
import { cacheRevision } from "./planning.ts";
import { fingerprintOf, moveStoredBuild, readStoredBuild, storeBuild } from "./stored-build.ts";

/** The phase of a build. `reconnecting`: the server accepted the build but does not respond now. */
type Phase = "reading" | "sending" | "building" | "reconnecting" | "ended";

/** A build that was started in this tab. */
export interface CurrentBuild {
  readonly log: BuildLog;
  readonly phase: Signal<Phase>;
  /** The id that the server assigned; undefined before. */
  readonly id: Signal<string | undefined>;
  /** The upload of files that the server lacked; undefined after a reload of the page. */
  readonly upload: Signal<UploadProgress | undefined>;
  /** The inputs of the build. The project can have changed since. */
  readonly inputs: ProjectInputs;
  /** When the build was started or restored, in milliseconds since 1970. */
  readonly since: number;
  /** Duration of the previous build of the same image name, in milliseconds. */
  readonly lastTime: number | undefined;
  readonly isCancelled: Signal<boolean>;
  cancel(): void;
}

/** The last build that was started in this tab. */
export const currentBuild: Signal<CurrentBuild | undefined> = signal(undefined);

export const isBuilding = computed(() => {
  const build = currentBuild.value;
  return build !== undefined && build.phase.value !== "ended";
});

/** The last context that was uploaded in each scope. The next upload contains only changes. */
const uploaded = new Map<string, ProjectContext>();
/** Duration of the last successful build in milliseconds, by image name. */
const lastTimes = new Map<string, number>();

/** Builds the open project. The build survives a reload of the page. */
export function startBuild(): CurrentBuild {
  const aborter = new AbortController();
  const build = newBuild(inputs.peek(), "reading", aborter);
  build.upload.value = { files: 0, totalBytes: 0, doneBytes: 0, sentBytes: 0 };
  currentBuild.value = build;
  storeBuild(undefined);
  finish(build, uploadAndBuild(build, aborter.signal));
  return build;
}

/** Last builds of the projects that were open in this tab, by project id. */
const builds = new Map<string, CurrentBuild>();

/**
 * Sets `currentBuild` to the last build of the project whenever a project is opened, also after a reload of the page.
 * @returns a function that stops it
 */
export function followOpenProject(): () => void {
  let shown: { project: string; openCount: number } | undefined;
  return effect(() => {
    const before = shown;
    const project = projectId.value;
    shown = { project, openCount: openCount.value };
    const build = currentBuild.value;
    if (before !== undefined && before.openCount !== shown.openCount) {
      currentBuild.value = builds.get(project);
    } else if (build !== undefined) {
      builds.set(project, build);
      // The same project: the browser stores it under a new id.
      if (before !== undefined && before.project !== project) moveStoredBuild(before.project, project);
    }
    if (before?.openCount !== shown.openCount && currentBuild.peek() === undefined)
      void restoreBuild(project);
  });
}

/** Forgets the last build of a project. */
export function forgetBuild(project: string): void {
  builds.delete(project);
  if (readStoredBuild(project) !== undefined) storeBuild(undefined);
}

/** Restores the last build of a project after a reload: replays its events and follows new ones. */
async function restoreBuild(project: string): Promise<void> {
  const stored = readStoredBuild(project);
  const now = inputs.peek();
  if (stored === undefined || currentBuild.peek() !== undefined) return;
  const fingerprint = await fingerprintOf(now);
  if (currentBuild.peek() !== undefined) return;
  const isSame = fingerprint !== undefined && fingerprint === stored.fingerprint && inputs.peek() === now;
  const built = isSame
    ? now
    : {
        ...now,
        files: new Map(),
        dockerfile: stored.dockerfile,
        options: { ...now.options, tag: stored.tag },
      };
  const aborter = new AbortController();
  const build = newBuild(built, "building", aborter);
  build.id.value = stored.id;
  currentBuild.value = build;
  const server = createService({ signal: aborter.signal });
  const following = follow(build, server, undefined, aborter.signal).catch((error: unknown) => {
    if (!(error instanceof ServiceError) || error.problem.status !== 404) throw error;
    // The server has deleted the build.
    storeBuild(undefined);
    if (currentBuild.peek() === build) currentBuild.value = undefined;
  });
  finish(build, following);
}

function newBuild(built: ProjectInputs, phase: Phase, aborter: AbortController): CurrentBuild {
  const build: CurrentBuild = {
    log: new BuildLog(),
    phase: signal(phase),
    id: signal(undefined),
    upload: signal(undefined),
    inputs: built,
    since: Date.now(),
    lastTime: lastTimes.get(built.options.tag),
    isCancelled: signal(false),
    cancel() {
      build.isCancelled.value = true;
      const id = build.id.peek();
      if (id === undefined) aborter.abort();
      else void service.cancel(id).catch(() => aborter.abort());
    },
  };
  return build;
}

function finish(build: CurrentBuild, running: Promise<void>): void {
  running
    .catch((error: unknown) => build.log.fail(toProblem(error, build.isCancelled.peek())))
    .finally(() => {
      if (build.log.result.peek() !== undefined) {
        lastTimes.set(build.inputs.options.tag, build.log.time.peek());
      }
      batch(() => {
        build.phase.value = "ended";
        cacheRevision.value++;
      });
    });
}

async function uploadAndBuild(build: CurrentBuild, signal: AbortSignal): Promise<void> {
  const { files, dockerfile, dockerfilePath, ignore, options } = build.inputs;
  const { tags, ...rest } = requestOptions(options);
  const scope = displayRepository(scopeOf(readImageNames(tags, location.host)));
  const server = createService({ signal });
  const encoder = new TextEncoder();
  server.companion = {
    secrets: Object.fromEntries(
      Object.entries(secrets.peek()).map(([id, value]) => [id, encoder.encode(value)]),
    ),
  };
  const context = await readContext(files, selected.peek(), { signal, earlier: uploaded.get(scope) });
  const request = {
    context: context.digest,
    dockerfile,
    ignore,
    options: { tags, dockerfile: dockerfilePath, ...rest },
  };
  build.phase.value = "sending";
  const upload = () =>
    uploadContext(server, scope, context, {
      compress: compressBlock,
      onProgress(progress) {
        build.upload.value = { ...progress };
      },
    });
  // Skip the upload for an unchanged context, which the server usually still has.
  if (uploaded.get(scope)?.digest !== context.digest) await upload();
  const start = () => server.build(request);
  const { id, events } = await start().catch(async (error: unknown) => {
    if (!(error instanceof ServiceError) || error.problem.code !== "context-unknown") throw error;
    await upload();
    return start();
  });
  uploaded.set(scope, context);
  batch(() => {
    build.id.value = id;
    build.phase.value = "building";
  });
  void fingerprintOf(build.inputs).then((fingerprint) => {
    if (currentBuild.peek() !== build) return;
    storeBuild({ project: projectId.peek(), id, fingerprint, dockerfile, tag: options.tag });
  });
  if (build.isCancelled.peek()) build.cancel();
  await follow(build, server, events, signal);
}

/** Milliseconds between two attempts to reconnect. */
const RECONNECT_MS = 2000;

/** Adds the events of a build to its log until it ends. Reconnects until the user cancels. */
async function follow(
  build: CurrentBuild,
  server: Service,
  first: AsyncIterable<BuildEvent> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const id = build.id.peek() ?? "";
  let last = 0;
  for (let events = first; !build.log.isDone.peek(); events = undefined) {
    try {
      for await (const event of events ?? (await server.follow(id)).events) {
        build.phase.value = "building";
        if (event.seq <= last) continue;
        last = event.seq;
        build.log.add(event);
      }
    } catch (error) {
      if (signal.aborted || !isUnavailable(error)) throw error;
      build.phase.value = "reconnecting";
      await pause(RECONNECT_MS);
      signal.throwIfAborted();
    }
  }
}

function toProblem(error: unknown, isCancelled: boolean): Problem {
  if (error instanceof ServiceError) return error.problem;
  if (error instanceof BuildError) {
    const hint = error.hint !== undefined && { hint: error.hint };
    return { type: "about:blank", status: 0, code: error.code, title: error.message, ...hint };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return isCancelled
    ? { type: "about:blank", status: 0, code: "cancelled", title: "The build was cancelled" }
    : { type: "about:blank", status: 0, code: "unreachable", title: "The build could not be sent", detail };
}
