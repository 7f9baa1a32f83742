import { nativePlatform } from "../../runner/sandbox/platforms.ts";
import { UsageError } from "../command-error.ts";

/**
 * Reads `--platform linux/amd64,linux/arm64`, which may be given several times. Like buildx, DOCKER_DEFAULT_PLATFORM applies
 * when the flag is absent, and `local` is the platform of this machine. The server checks the rest.
 * @throws {UsageError} for an empty one
 */
export function readPlatforms(
  flags: readonly string[],
  { DOCKER_DEFAULT_PLATFORM: fallback }: Readonly<Record<string, string | undefined>>,
): string[] {
  const given = flags.length > 0 || !fallback ? flags : [fallback];
  return given.flatMap((list) =>
    list.split(",").map((text) => {
      const platform = text.trim();
      if (platform === "")
        throw new UsageError(
          `--platform ${JSON.stringify(list)} has an empty platform`,
          "A platform is like linux/amd64 or linux/arm64. Omit the flag for the default platform.",
        );
      return platform.toLowerCase() === "local" ? nativePlatform() : platform;
    }),
  );
}
