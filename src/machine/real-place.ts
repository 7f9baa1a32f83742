import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Linux's limit of symbolic links. */
const MAX_LINKS = 40;

/** The real path of a file, which may be missing; follows symbolic links, including one to a missing file. */
export function realPlace(file: string): string {
  let place = resolve(file);
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = realpathSync(dirname(place));
    const at = join(folder, place.slice(dirname(place).length));
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return at;
    place = resolve(folder, readlinkSync(at));
  }
  throw Object.assign(new Error(`ELOOP: too many symbolic links, open '${file}'`), { code: "ELOOP" });
}
