import type { BuildResult } from "../../../schemas/events.ts";
import type { FileEntry } from "../../../schemas/images.ts";
import { instructionOfStep } from "../../progress/step-name.ts";
import type { CurrentBuild } from "../building/current-build.ts";
import { statusOf } from "../building/step-view.ts";
import { efficiency, files, type ImageAt, inspect } from "../images/image-service.ts";
import type { LessonBuild } from "./lesson.ts";

/** Maximum number of file entries that are read. No lesson has as many. */
const MAX_ENTRIES = 10_000;

/** Collects the facts that lesson steps check about a build and its image. @throws {ServiceError} */
export async function buildFacts({ inputs, log }: CurrentBuild, result: BuildResult): Promise<LessonBuild> {
  const at = { name: result.repository, reference: result.descriptor.digest };
  const [image, measured, entries] = await Promise.all([inspect(at), efficiency(at), entriesOf(at)]);
  return {
    dockerfile: inputs.dockerfile,
    tag: inputs.options.tag,
    steps: log.steps.peek().map((step) => ({
      instruction: instructionOfStep(step.info.name),
      status: statusOf(step),
    })),
    result,
    image,
    efficiency: measured,
    files: entries,
  };
}

async function entriesOf(at: ImageAt): Promise<FileEntry[]> {
  const aborter = new AbortController();
  const entries: FileEntry[] = [];
  for await (const batch of files(at, undefined, aborter.signal)) {
    entries.push(...batch);
    if (entries.length > MAX_ENTRIES) break;
  }
  aborter.abort();
  return entries;
}
