import { findBusybox } from "../differential/bases/busybox.ts";
import { archive, member } from "../tar/archive.ts";

const { binary, applets } = findBusybox();

/** A tar of busybox in `bin`, with links for its applets. */
export const busyboxRootfs = archive(
  member({ path: "bin/busybox", mode: 0o755 }, binary),
  ...applets
    .filter((name) => name !== "busybox")
    .map((name) => member({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
);

/** A context of a Dockerfile and the program `busybox`. */
export function busyboxContext(...dockerfile: string[]): Uint8Array<ArrayBuffer> {
  return archive(
    member({ path: "Dockerfile" }, dockerfile.join("\n")),
    member({ path: "busybox", mode: 0o755 }, binary),
  ) as Uint8Array<ArrayBuffer>;
}
