const UNRELEASED = "## Unreleased";

/**
 * Gives the unreleased part of a changelog a version.
 * @param date as `2026-11-29`
 * @returns the changelog with a new, empty part, and the text of the version
 * @throws {Error} when the part is missing or empty, or the version exists
 */
export function releaseChangelog(
  text: string,
  version: string,
  date: string,
): { changelog: string; notes: string } {
  const start = text.indexOf(`${UNRELEASED}\n`);
  if (start < 0) throw new Error(`The changelog has no part "${UNRELEASED}"`);
  if (text.includes(`\n## ${version} `)) throw new Error(`The changelog has version ${version} already`);
  const body = start + UNRELEASED.length;
  const next = text.indexOf("\n## ", body);
  const notes = text.slice(body, next < 0 ? undefined : next).trim();
  if (notes === "") throw new Error(`The part "${UNRELEASED}" of the changelog is empty`);
  const changelog = `${text.slice(0, body)}\n\n## ${version} (${date})${text.slice(body)}`;
  return { changelog, notes: `${notes}\n` };
}
