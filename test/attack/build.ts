import { busyboxRootfs } from "../helpers/busybox-context.ts";
import { contextOf } from "../helpers/context-archive.ts";

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
  const Dockerfile = 'FROM scratch\nADD rootfs.tar /\nENV PATH=/bin\nCMD ["/bin/sh"]\n';
  const answer = await postBuild(
    url,
    "busybox",
    contextOf({ Dockerfile, "rootfs.tar": busyboxRootfs }),
    headers,
  );
  if (!answer.ok) throw new Error(await answer.text());
}
