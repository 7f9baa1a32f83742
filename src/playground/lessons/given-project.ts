import { remembered } from "../browser/preferences.ts";
import type { ProjectFiles } from "../project/project-file.ts";
import { bytesFile, bytesOf, textFile, textOfBytes } from "../project/project-file.ts";
import { encodeProject, readShared } from "../project/share.ts";
import type { FileValues } from "./file-contents.ts";

// A lesson can begin with another project, which stands in its address: #/learn/<lesson>/<project>.

const PREFIX = "lesson.";

/** The id of the project of a lesson. */
export function lessonProjectId(lesson: string): string {
  return PREFIX + lesson;
}

/** The lesson whose project has this id; undefined for other projects. */
export function lessonOfProject(projectId: string): string | undefined {
  return projectId.startsWith(PREFIX) ? projectId.slice(PREFIX.length) : undefined;
}

/** Name under which the browser keeps what `{unique}` stands for in a lesson's project. */
export function seedName(projectId: string): string {
  return `${projectId}.seed`;
}

/** Writes the project of a lesson so that it can stand in an address. @throws {ShareError} when it is too large */
export async function encodeLessonProject(
  projectId: string,
  files: ProjectFiles,
  dockerfile: string,
): Promise<string> {
  const seed = remembered(seedName(projectId)) ?? "";
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

/** The project of an address, before the values of this browser are in its files. */
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

/** The bytes of a file with which the lesson begins; empty for other files. */
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
