/** The cases whose names contain one of the words; all of them when there are no words. */
export function selected<T extends { name: string }>(cases: T[], words: string[]): T[] {
  return words.length === 0 ? cases : cases.filter(({ name }) => words.some((word) => name.includes(word)));
}
