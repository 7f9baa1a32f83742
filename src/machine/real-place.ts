import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** Where a file is, or would be: symbolic links are followed, also one to a file that is missing. */
export function realPlace(file: string): string {
  let place = resolve(file);
  for (let links = 0; links < MOST_LINKS; links++) {
    const folder = realpathSync(dirname(place));
    const at = join(folder, place.slice(dirname(place).length));
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return at;
    place = resolve(folder, readlinkSync(at));
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, open '${file}'`), { code: "ELOOP" });
}
