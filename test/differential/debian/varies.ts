import { type ImageResult, isFailure, type Outcome, type RootfsEntry } from "../result.ts";

/** Contents that differ between two equal builds of docker. Everything else about these files is compared. */
const varying: readonly { path: RegExp; because: string }[] = [
  {
    path: /^var\/log\/(?:apt\/.*|dpkg|alternatives|bootstrap|fontconfig)\.log(?:\.xz)?$/,
    because: "logs contain the time",
  },
  { path: /^var\/cache\/apt\/(?:src)?pkgcache\.bin$/, because: "they hold times of package lists" },
  { path: /^var\/cache\/ldconfig\/aux-cache$/, because: "it holds inodes and times of libraries" },
];

/**
 * Two results of the same case, made one after the other since `since` (seconds since 1970), so that they can be
 * compared: contents that vary by nature are left out, and times of files that steps wrote become "now".
 *
 * Such times of directories are left out: BuildKit's layers have a directory when a mount point was made in it, and
 * leave it out when nothing but its time changed, which depends on the store that it works with.
 */
export function comparable(docker: Outcome, varve: Outcome, since: number): [Outcome, Outcome] {
  if (isFailure(docker) || isFailure(varve)) return [docker, varve];
  const isNow = ({ mtime = 0 }: RootfsEntry) => typeof mtime === "number" && mtime >= since;
  const timeless = new Set(
    docker.rootfs.filter((entry) => entry.type === "dir" && isNow(entry)).map(({ path }) => path),
  );
  const settle = (entry: RootfsEntry): RootfsEntry => {
    const { mtime, ...rest } = entry;
    const timed = timeless.has(entry.path) ? rest : isNow(entry) ? { ...rest, mtime: "now" as const } : entry;
    if (!varying.some(({ path }) => path.test(entry.path))) return timed;
    const { size: _size, sha256: _sha256, ...without } = timed;
    return without;
  };
  const settled = (image: ImageResult) => ({ ...image, rootfs: image.rootfs.map(settle) });
  return [settled(docker), settled(varve)];
}
