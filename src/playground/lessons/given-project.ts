import { preferences } from "../browser/storage.ts";
import type { ProjectFiles } from "../project/project-file.ts";
import { bytesFile, bytesOf, textFile, textOfBytes } from "../project/project-file.ts";
import { encodeProject, readShared } from "../project/share.ts";
import type { FileValues } from "./file-contents.ts";

// A shared link can start a lesson with another project: #/learn/<lesson>/<project>.

const PREFIX = "lesson.";

/** Returns the project id of a lesson. */
export function lessonProjectId(lesson: string): string {
  return PREFIX + lesson;
}

/** Returns the lesson of a project id; undefined for other projects. */
export function lessonOfProject(projectId: string): string | undefined {
  return projectId.startsWith(PREFIX) ? projectId.slice(PREFIX.length) : undefined;
}

/** Storage key of the value of `{unique}` in a lesson's project. */
export function seedName(projectId: string): string {
  return `${projectId}.seed`;
}

/**
 * Encodes the project of a lesson for a link, with placeholders for `{unique}` and `{host}`.
 * @throws {ShareError} when it is too large
 */
export async function encodeLessonProject(
  projectId: string,
  files: ProjectFiles,
  dockerfile: string,
): Promise<string> {
  const seed = preferences.read(seedName(projectId)) ?? "";
  const general = await Promise.all(
    [...files].map(async ([path, file]) => {
      const bytes = await bytesOf(file);
      const text = textOfBytes(bytes)?.replaceAll(location.host, "{host}");
      if (text === undefined) return [path, bytesFile(bytes, file)] as const;
      return [path, textFile(seed === "" ? text : text.replaceAll(seed, "{unique}"), file)] as const;
    }),
  );
  return encodeProject(new Map(general), dockerfile, {});
}

/** The project of a link, with its placeholders. */
export interface GivenProject {
  contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  dockerfile: string | undefined;
}

/** @throws {ShareError} */
export async function readGivenProject(data: string): Promise<GivenProject> {
  const { files, dockerfile } = await readShared(data);
  const contents = await Promise.all(
    [...files].map(async ([path, file]) => [path, await bytesOf(file)] as const),
  );
  return { contents: new Map(contents), dockerfile };
}

/** Returns the initial contents of a file; empty for a file that the project does not have. */
export function givenBytes(
  { contents }: GivenProject,
  path: string,
  values: FileValues,
): Uint8Array<ArrayBuffer> {
  const bytes = contents.get(path) ?? new Uint8Array();
  const text = textOfBytes(bytes);
  if (text === undefined) return bytes;
  return new TextEncoder().encode(
    text.replaceAll("{unique}", values.unique).replaceAll("{host}", values.host),
  );
}
