import { findBusybox } from "../differential/bases/busybox.ts";
import { archive, member } from "../tar/archive.ts";

/** A context of text files by path, with a Dockerfile among them. */
export function contextOf(files: Record<string, string | Uint8Array>): Uint8Array<ArrayBuffer> {
  return archive(
    ...Object.entries(files).map(([path, bytes]) => member({ path }, bytes)),
  ) as Uint8Array<ArrayBuffer>;
}

/** Posts a build, and gives the answer. */
export function postBuild(
  url: string,
  name: string,
  context: BodyInit,
  headers: Record<string, string> = {},
) {
  return fetch(`${url}/v1/builds?t=${name}`, { method: "POST", body: context, headers });
}

/** Builds an image of busybox under that name. @throws {Error} when it fails */
export async function buildBusybox(url: string, headers: Record<string, string> = {}): Promise<void> {
  const { binary, applets } = findBusybox();
  const rootfs = archive(
    member({ path: "bin/busybox", mode: 0o755 }, binary),
    ...applets
      .filter((name) => name !== "busybox")
      .map((name) => member({ path: `bin/${name}`, type: "symlink", linkname: "busybox" })),
  );
  const Dockerfile = 'FROM scratch\nADD rootfs.tar /\nENV PATH=/bin\nCMD ["/bin/sh"]\n';
  const answer = await postBuild(url, "busybox", contextOf({ Dockerfile, "rootfs.tar": rootfs }), headers);
  if (!answer.ok) throw new Error(await answer.text());
}
