import type { ImageDraft } from "./image-draft.ts";

/** The program, with its arguments, that shell forms are given to: that of SHELL, or the system's. */
export function shellOf(image: ImageDraft): readonly string[] {
  if (image.settings.shell.length > 0) return image.settings.shell;
  return image.platform.os === "windows" ? ["cmd", "/S", "/C"] : ["/bin/sh", "-c"];
}
