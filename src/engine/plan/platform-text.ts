import type { Platform } from "../../oci/platform.ts";

/** `os/architecture/variant`, with version and features of the operating system: `windows(10.0.17763)/amd64`. */
export function formatWithOsOptions(platform: Platform): string {
  const { os, architecture, variant, "os.version": version, "os.features": features } = platform;
  if (os === "") return "unknown";
  const options = [version ?? "", ...(features ?? [])].map(encodeURIComponent).join("+");
  return [options === "" ? os : `${os}(${options})`, architecture, variant].filter(Boolean).join("/");
}
