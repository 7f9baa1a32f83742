/** The platform of an image (image-spec, image-index.md, "platform"). */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
  "os.version"?: string;
  "os.features"?: string[];
}

/** A text is not a platform. The message is containerd's. */
export class InvalidPlatformError extends Error {
  override name = "InvalidPlatformError";
}

/** The default operating system and architecture of a specifier. */
export const DEFAULT_PLATFORM: Readonly<Platform> = { os: "linux", architecture: "amd64" };

const KNOWN_OS = new Set(
  (
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris " +
    "windows zos"
  ).split(" "),
);
const KNOWN_ARCHITECTURE = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 " +
    "mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);

const COMPONENT = /^[A-Za-z0-9_.-]+$/;
const OS = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;
const MAX_LENGTH = 256;

/**
 * Parses `os`, `architecture`, `os/architecture` or `os/architecture/variant`; the operating system may have version
 * and features in parentheses. Normalises the result, but keeps an explicit variant of arm64.
 * @throws {InvalidPlatformError}
 */
export function parsePlatform(specifier: string): Platform {
  const invalid = (problem: string) => new InvalidPlatformError(`${problem}: invalid argument`);
  const quoted = JSON.stringify(specifier.slice(0, MAX_LENGTH));
  if (specifier.includes("*")) throw invalid(`${quoted}: wildcards not yet supported`);
  const parts = specifier.length > MAX_LENGTH ? [] : specifier.split("/");
  const [first = "", second, third] = parts;
  const match = OS.exec(first);
  if (match === null) {
    throw invalid(
      `${JSON.stringify(first)} is an invalid OS component of ${quoted}: ` +
        `OSAndVersion specifier component must match ${quoteForGo(OS)}`,
    );
  }
  for (const part of parts.slice(1, 4)) {
    if (!COMPONENT.test(part)) {
      throw invalid(
        `${JSON.stringify(part)} is an invalid component of ${quoted}: ` +
          `platform specifier component must match ${quoteForGo(COMPONENT)}`,
      );
    }
  }
  if (parts.length > 3) throw invalid(`${quoted}: cannot parse platform specifier`);
  const version = decode(match[2] ?? "");
  const features = (match[3] ?? "").split("+").filter(Boolean).map(decode);
  const os: Pick<Platform, "os" | "os.version" | "os.features"> = {
    os: normalizeOs(match[1] as string),
    ...(version !== "" && { "os.version": version }),
    ...(features.length > 0 && { "os.features": features }),
  };
  if (second !== undefined) return readArchitecture(os, second, third);
  if (KNOWN_OS.has(os.os)) return { ...os, architecture: DEFAULT_PLATFORM.architecture };
  const platform = readArchitecture({ os: DEFAULT_PLATFORM.os }, first, undefined);
  if (KNOWN_ARCHITECTURE.has(platform.architecture)) return platform;
  throw invalid(`${quoted}: unknown operating system or architecture`);
}

/** `os/architecture/variant`, without version and features of the operating system. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return os === "" ? "unknown" : [os, architecture, variant].filter(Boolean).join("/");
}

/** Normalises a platform: `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`. */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: _, "os.features": features, ...rest } = platform;
  const { architecture, variant } = normalizeArchitecture(platform.architecture, platform.variant ?? "");
  return {
    ...rest,
    os: normalizeOs(platform.os),
    architecture,
    ...(variant !== "" && { variant }),
    ...(features !== undefined && features.length > 0 && { "os.features": [...new Set(features)].sort() }),
  };
}

/** Whether two platforms are equal once normalised, ignoring versions and features. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(normalizePlatform(a)) === formatPlatform(normalizePlatform(b));
}

function readArchitecture(
  os: Pick<Platform, "os" | "os.version" | "os.features">,
  name: string,
  writtenVariant: string | undefined,
): Platform {
  const normal = normalizeArchitecture(name, writtenVariant ?? "");
  const { architecture } = normal;
  let { variant } = normal;
  if (writtenVariant === undefined && architecture === "arm" && variant === "v7") variant = "";
  if (writtenVariant !== undefined && architecture === "arm64" && variant === "") variant = "v8";
  return { ...os, architecture, ...(variant !== "" && { variant }) };
}

function normalizeOs(os: string): string {
  const lower = os.toLowerCase();
  if (lower === "") return DEFAULT_PLATFORM.os;
  return lower === "macos" ? "darwin" : lower;
}

function normalizeArchitecture(
  name: string,
  writtenVariant: string,
): { architecture: string; variant: string } {
  const architecture = name.toLowerCase();
  const variant = writtenVariant.toLowerCase();
  switch (architecture) {
    case "i386":
      return { architecture: "386", variant: "" };
    case "x86_64":
    case "x86-64":
    case "amd64":
      return { architecture: "amd64", variant: variant === "v1" ? "" : variant };
    case "aarch64":
    case "arm64":
      if (["8", "v8", "v8.0"].includes(variant)) return { architecture: "arm64", variant: "" };
      if (["9", "9.0", "v9.0"].includes(variant)) return { architecture: "arm64", variant: "v9" };
      return { architecture: "arm64", variant };
    case "armhf":
      return { architecture: "arm", variant: "v7" };
    case "armel":
      return { architecture: "arm", variant: "v6" };
    case "arm":
      if (variant === "" || variant === "7") return { architecture, variant: "v7" };
      return { architecture, variant: ["5", "6", "8"].includes(variant) ? `v${variant}` : variant };
    default:
      return { architecture, variant };
  }
}

function decode(option: string): string {
  try {
    return decodeURIComponent(option);
  } catch {
    throw new InvalidPlatformError(`invalid URL escape ${JSON.stringify(option)}`);
  }
}

/** Quotes a regular expression like Go's `%q`. */
function quoteForGo(expression: RegExp): string {
  return JSON.stringify(expression.source);
}
