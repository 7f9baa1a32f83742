import { findBusybox } from "../differential/bases/busybox.ts";
import { archive, member } from "../tar/archive.ts";
import { type ContextFiles, contextOf } from "./context-archive.ts";

const { binary, applets } = findBusybox();

/** A context whose steps run in the shell of busybox. */
export function busyboxContext(steps: readonly string[], files: ContextFiles = {}): Uint8Array<ArrayBuffer> {
  const Dockerfile = ["FROM scratch", "COPY busybox /bin/sh", ...steps].join("\n");
  return contextOf({ Dockerfile, busybox: { bytes: binary, mode: 0o755 }, ...files });
}

/** An archive of a file system with all programs of busybox in `/bin`. */
export const busyboxRootfs = archive(
  member({ path: "bin/busybox", mode: 0o755 }, binary),
  ...applets
    .filter((name) => name !== "busybox")
    .map((name) => member({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
);
