import type { ImageDraft } from "./image-draft.ts";

/** The command line for shell forms: that of SHELL, or the system's default. */
export function shellOf(image: ImageDraft): readonly string[] {
  if (image.settings.shell.length > 0) return image.settings.shell;
  return image.platform.os === "windows" ? ["cmd", "/S", "/C"] : ["/bin/sh", "-c"];
}
