import { batch, computed, type Signal, signal } from "@preact/signals";
import type { Problem } from "../../../schemas/problem.ts";
import { ServiceError } from "../../client/service.ts";
import { type UploadProgress, uploadContext } from "../../client/upload-context.ts";
import { BuildError } from "../../engine/errors.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import { shownRepository } from "../../registry/names.ts";
import { type ProjectContext, readContext } from "../project/context.ts";
import { inputs, type ProjectInputs, requestOptions } from "../project/project.ts";
import { selected } from "../project/selection.ts";
import { service, serviceOf } from "../service.ts";
import { BuildLog } from "./build-log.ts";
import { compressBlock } from "./compress-block.ts";
import { cacheRevision } from "./planning.ts";

/** How far a build has come before the server has it. */
export type Phase = "reading" | "sending" | "building" | "ended";

/** A build that was begun in this page. */
export interface CurrentBuild {
  readonly log: BuildLog;
  readonly phase: Signal<Phase>;
  /** Its id, once the server has given one. */
  readonly id: Signal<string | undefined>;
  /** Bytes and files that travelled because the server lacked them. */
  readonly upload: Signal<UploadProgress>;
  /** What it is built from: the project may be another one by now. */
  readonly inputs: ProjectInputs;
  readonly isCancelled: Signal<boolean>;
  /** Ends it, whatever it is at. */
  cancel(): void;
}

/** The last build that was begun in this page. */
export const currentBuild: Signal<CurrentBuild | undefined> = signal(undefined);

export const isBuilding = computed(() => {
  const build = currentBuild.value;
  return build !== undefined && build.phase.value !== "ended";
});

/** Contexts that were sent, by scope: only what changed since is said the next time. */
const sent = new Map<string, ProjectContext>();

/** Builds the project as it is now, with the client that the command uses. */
export function startBuild(): CurrentBuild {
  const aborter = new AbortController();
  const build: CurrentBuild = {
    log: new BuildLog(),
    phase: signal("reading"),
    id: signal(undefined),
    upload: signal({ files: 0, totalBytes: 0, doneBytes: 0, sentBytes: 0 }),
    inputs: inputs.peek(),
    isCancelled: signal(false),
    cancel() {
      build.isCancelled.value = true;
      const id = build.id.peek();
      if (id === undefined) aborter.abort();
      else void service.cancel(id).catch(() => aborter.abort());
    },
  };
  currentBuild.value = build;
  run(build, aborter.signal)
    .catch((error: unknown) => build.log.fail(problemOf(error, build.isCancelled.peek())))
    .finally(() => {
      batch(() => {
        build.phase.value = "ended";
        cacheRevision.value++;
      });
    });
  return build;
}

async function run(build: CurrentBuild, signal: AbortSignal): Promise<void> {
  const { files, dockerfile, dockerfilePath, ignore, options } = build.inputs;
  const { tags, ...rest } = requestOptions(options);
  const scope = shownRepository(scopeOf(readImageNames(tags, location.host)));
  const server = serviceOf({ signal });
  const context = await readContext(files, selected.peek(), { signal, earlier: sent.get(scope) });
  const request = {
    context: context.digest,
    dockerfile,
    ignore,
    options: { tags, dockerfile: dockerfilePath, ...rest },
  };
  build.phase.value = "sending";
  const send = () =>
    uploadContext(server, scope, context, {
      compress: compressBlock,
      onProgress(progress) {
        build.upload.value = { ...progress };
      },
    });
  // The same context as before is there, most likely.
  if (sent.get(scope)?.digest !== context.digest) await send();
  const begin = () => server.build(request);
  const { id, events } = await begin().catch(async (error: unknown) => {
    if (!(error instanceof ServiceError) || error.problem.code !== "context-unknown") throw error;
    await send();
    return begin();
  });
  sent.set(scope, context);
  batch(() => {
    build.id.value = id;
    build.phase.value = "building";
  });
  if (build.isCancelled.peek()) build.cancel();
  for await (const event of events) build.log.add(event);
}

function problemOf(error: unknown, isCancelled: boolean): Problem {
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
