import { preferences } from "../browser/storage.ts";
import type { ProjectFiles } from "../project/project-file.ts";
import { bytesFile, decodeText, readBytes, textFile } from "../project/project-file.ts";
import { decodeProject, encodeProject } from "../project/share.ts";
import type { FileValues } from "./file-contents.ts";

/** A link can open a lesson with another project: `#/learn/<lesson>/<project>`. */

const PREFIX = "lesson.";

/** Returns the project id of a lesson. */
export function lessonProjectId(lesson: string): string {
  return PREFIX + lesson;
}

/** Returns the lesson that a project belongs to; undefined for other projects. */
export function lessonOfProject(projectId: string): string | undefined {
  return projectId.startsWith(PREFIX) ? projectId.slice(PREFIX.length) : undefined;
}

/** Storage key of the value of `{unique}` in a lesson's project. */
export function seedName(projectId: string): string {
  return `${projectId}.seed`;
}

/**
 * Encodes the project of a lesson for a link. Puts the placeholders `{unique}` and `{host}` in place of their values.
 * @throws {ShareError} when the project is too large
 */
export async function encodeLessonProject(
  projectId: string,
  files: ProjectFiles,
  dockerfile: string,
): Promise<string> {
  const seed = preferences.read(seedName(projectId)) ?? "";
  const withPlaceholders = await Promise.all(
    [...files].map(async ([path, file]) => {
      const bytes = await readBytes(file);
      const text = decodeText(bytes)?.replaceAll(location.host, "{host}");
      if (text === undefined) return [path, bytesFile(bytes, file)] as const;
      return [path, textFile(seed === "" ? text : text.replaceAll(seed, "{unique}"), file)] as const;
    }),
  );
  return encodeProject(new Map(withPlaceholders), dockerfile, {});
}

/** The project of a link, with placeholders. */
export interface LinkedProject {
  contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  dockerfile: string | undefined;
}

/** @throws {ShareError} */
export async function readLinkedProject(data: string): Promise<LinkedProject> {
  const { files, dockerfile } = await decodeProject(data);
  const contents = await Promise.all(
    [...files].map(async ([path, file]) => [path, await readBytes(file)] as const),
  );
  return { contents: new Map(contents), dockerfile };
}

/** Returns the initial contents of a file; empty for an unknown file. */
export function linkedFileBytes(
  { contents }: LinkedProject,
  path: string,
  values: FileValues,
): Uint8Array<ArrayBuffer> {
  const bytes = contents.get(path) ?? new Uint8Array();
  const text = decodeText(bytes);
  if (text === undefined) return bytes;
  return new TextEncoder().encode(
    text.replaceAll("{unique}", values.unique).replaceAll("{host}", values.host),
  );
}
