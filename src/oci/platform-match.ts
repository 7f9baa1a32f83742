import { normalizePlatform, type Platform } from "./platform.ts";

/**
 * Chooses the best candidate for a platform, by containerd's rules: an exact match first, then platforms that it can
 * also run (an older variant; 386 on amd64; arm on arm64). Of equal candidates the first wins, unless a later one
 * states more of the platform's features. Undefined when none fits.
 */
export function choosePlatform<T>(
  wanted: Platform,
  candidates: readonly T[],
  platformOf: (candidate: T) => Platform | undefined,
): T | undefined {
  for (const fitting of runnablePlatforms(wanted)) {
    let best: T | undefined;
    let bestFeatures = -1;
    for (const candidate of candidates) {
      const platform = platformOf(candidate);
      if (platform === undefined || !matches(fitting, platform)) continue;
      const features = platform["os.features"]?.length ?? 0;
      if (features <= bestFeatures) continue;
      best = candidate;
      bestFeatures = features;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** The platforms that a platform can run, best first: `platforms.Only` of containerd. */
export function runnablePlatforms(platform: Platform): Platform[] {
  const { variant = "", ...rest } = normalizePlatform(platform);
  const of = (architecture: string, ofVariant: string): Platform => ({
    ...rest,
    architecture,
    ...(ofVariant !== "" && { variant: ofVariant }),
  });
  switch (rest.architecture) {
    case "amd64":
      return [
        of("amd64", variant),
        ...below(versionOf(variant), 1).map((version) => of("amd64", `v${version}`)),
        of("386", ""),
      ];
    case "arm":
      return [of("arm", variant), ...below(versionOf(variant), 5).map((version) => of("arm", `v${version}`))];
    case "arm64": {
      const variants = arm64Variants(variant === "" ? "v8" : variant);
      if (variants.length === 0) return [];
      return [...variants.map((name) => of("arm64", name)), ...runnablePlatforms(of("arm", "v8"))];
    }
    default:
      return [of(rest.architecture, variant)];
  }
}

/** From a version of arm64 down to v8.0; v9.x runs what v8.(x+5) runs. Empty for an unknown version. */
function arm64Variants(variant: string): string[] {
  const match = /^v([89])(?:\.(\d))?$/.exec(variant);
  if (match === null) return [];
  const minor = Number(match[2] ?? 0);
  const names = (major: number, from: number) =>
    [from, ...below(from, 0)].map((version) => (version === 0 ? `v${major}` : `v${major}.${version}`));
  if (match[1] === "8") return names(8, minor);
  return minor > 7 ? [] : [...names(9, minor), ...names(8, Math.min(minor + 5, 9))];
}

function versionOf(variant: string): number {
  const match = /^v?(\d{1,2})$/.exec(variant);
  return match === null ? Number.NaN : Number(match[1]);
}

/** The integers below `version` down to `last`. */
function below(version: number, last: number): number[] {
  const versions: number[] = [];
  for (let next = version - 1; next >= last; next--) versions.push(next);
  return versions;
}

function matches(wanted: Platform, offered: Platform): boolean {
  const a = normalizePlatform(wanted);
  const b = normalizePlatform(offered);
  return (
    a.os === b.os &&
    a.architecture === b.architecture &&
    (a.variant ?? "") === (b.variant ?? "") &&
    (a.os !== "windows" || sameWindows(a["os.version"], b["os.version"])) &&
    (b["os.features"] ?? []).every((feature) => isFree(a.os, feature) || a["os.features"]?.includes(feature))
  );
}

/** A feature that every machine with this system has. */
function isFree(os: string, feature: string): boolean {
  return os === "windows" && feature === "win32k";
}

/** Windows images need a host with the same build, which is the third number of the version. */
function sameWindows(wanted: string | undefined, offered: string | undefined): boolean {
  if (!wanted || !offered) return true;
  const build = (version: string) => version.split(".").slice(0, 3).join(".");
  return build(wanted) === build(offered);
}
