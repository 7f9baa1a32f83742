/** The fixed date that varve writes, because a real one would change the digest of equal inputs. */
const FIXED = Date.UTC(1980, 0, 1);

/** Whether the creation date of an image is real. @param created RFC 3339 */
export function isRealDate(created: string | undefined): created is string {
  return created !== undefined && Date.parse(created) !== FIXED;
}
