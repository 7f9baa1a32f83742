/** The key that has a tombstone while the collector removes items of a repository. Writers wait for its end. */
export function unlinkingKey(name: string): string {
  return `repos/${name}/`;
}
