import type { BuildResult } from "../../../schemas/events.ts";
import type { FileEntry } from "../../../schemas/images.ts";
import { instructionOfStep } from "../../progress/step-name.ts";
import type { CurrentBuild } from "../building/current-build.ts";
import { statusOf } from "../building/step-view.ts";
import { fetchEfficiency, fetchFiles, fetchInspection, type ImageAt } from "../images/image-service.ts";
import type { LessonBuild } from "./lesson.ts";

/** Maximum number of file entries that are read; no lesson has that many. */
const MAX_ENTRIES = 10_000;

/** Collects the facts that lesson steps check about a build and its image. @throws {ServiceError} */
export async function buildFacts({ inputs, log }: CurrentBuild, result: BuildResult): Promise<LessonBuild> {
  const at = { name: result.repository, reference: result.descriptor.digest };
  const [image, efficiency, files] = await Promise.all([
    fetchInspection(at),
    fetchEfficiency(at),
    readEntries(at),
  ]);
  return {
    dockerfile: inputs.dockerfile,
    tag: inputs.options.tag,
    steps: log.steps.peek().map((step) => ({
      instruction: instructionOfStep(step.info.name),
      status: statusOf(step),
    })),
    result,
    image,
    efficiency,
    files,
  };
}

async function readEntries(at: ImageAt): Promise<FileEntry[]> {
  const aborter = new AbortController();
  const entries: FileEntry[] = [];
  for await (const batch of fetchFiles(at, undefined, aborter.signal)) {
    entries.push(...batch);
    if (entries.length > MAX_ENTRIES) break;
  }
  aborter.abort();
  return entries;
}
