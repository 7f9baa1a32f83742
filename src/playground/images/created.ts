/** The date that varve writes, so that equal inputs give equal digests. */
const FIXED = Date.UTC(1980, 0, 1);

/** Whether the creation date of an image is real. @param created RFC 3339 */
export function isRealDate(created: string | undefined): created is string {
  return created !== undefined && Date.parse(created) !== FIXED;
}
