/** What a repository says that it has. */
export type MarkerFolder = "_manifests" | "_tags" | "_blobs";

/**
 * Where the marker of an item lies. Folders begin with an underscore, which no part of a name can: repository
 * `a/tags` has nothing below `repos/a/_tags/`.
 */
export function repositoryKey(name: string, folder: MarkerFolder, item: string): string {
  return `repos/${name}/${folder}/${item}`;
}
