import { release } from "node:os";
import data from "./seccomp-profile.json" with { type: "json" };

// The system calls that a container of `docker build` may make. `seccomp-profile.json` is moby's default profile:
// https://github.com/moby/profiles, seccomp/default.json of v0.2.3 (Apache-2.0). BuildKit uses it; it is newer than the one
// of Debian's docker.

/** Conditions of a rule. */
interface Conditions {
  arches?: readonly string[];
  caps?: readonly string[];
  minKernel?: string;
}

interface Argument {
  index: number;
  value: number;
  valueTwo?: number;
  op: string;
}

/** Allows system calls or makes them fail. */
export interface SystemCallRule {
  names: readonly string[];
  action: string;
  errnoRet?: number;
  args?: readonly Argument[];
}

interface Profile {
  defaultAction: string;
  defaultErrnoRet: number;
  archMap: readonly { architecture: string; subArchitectures: readonly string[] | null }[];
  syscalls: readonly (SystemCallRule & { includes?: Conditions; excludes?: Conditions })[];
}

/** A filter in the form of the runtime specification (config-linux.md, "Seccomp"). */
export interface SeccompFilter {
  defaultAction: string;
  defaultErrnoRet: number;
  architectures: readonly string[];
  syscalls: readonly SystemCallRule[];
}

/** The profile's names of architectures, and libseccomp's. */
const ARCHITECTURES: Readonly<Record<string, readonly [name: string, constant: string]>> = {
  x64: ["amd64", "SCMP_ARCH_X86_64"],
  ia32: ["x86", "SCMP_ARCH_X86"],
  arm64: ["arm64", "SCMP_ARCH_AARCH64"],
  arm: ["arm", "SCMP_ARCH_ARM"],
  ppc64: ["ppc64le", "SCMP_ARCH_PPC64LE"],
  s390x: ["s390x", "SCMP_ARCH_S390X"],
  riscv64: ["riscv64", "SCMP_ARCH_RISCV64"],
  loong64: ["loong64", "SCMP_ARCH_LOONGARCH64"],
};

const profile = data as Profile;

/**
 * The filter of this machine for processes with these capabilities, as docker derives it from the profile. Undefined on
 * an unknown architecture.
 */
export function seccompFilter(capabilities: readonly string[]): SeccompFilter | undefined {
  const [name, constant] = ARCHITECTURES[process.arch] ?? [];
  const kernel = release();
  if (name === undefined || constant === undefined) return undefined;
  const map = profile.archMap.find(({ architecture }) => architecture === constant);
  const isIncluded = ({ arches, caps, minKernel }: Conditions) =>
    (arches?.includes(name) ?? true) &&
    (caps?.every((capability) => capabilities.includes(capability)) ?? true) &&
    (minKernel === undefined || isAtLeast(kernel, minKernel));
  const isExcluded = ({ arches, caps, minKernel }: Conditions) =>
    arches?.includes(name) ||
    caps?.some((capability) => capabilities.includes(capability)) ||
    (minKernel !== undefined && isAtLeast(kernel, minKernel));
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    architectures: [constant, ...(map?.subArchitectures ?? [])],
    syscalls: profile.syscalls
      .filter(({ includes = {}, excludes = {} }) => isIncluded(includes) && !isExcluded(excludes))
      .map(({ includes: _, excludes: __, ...rule }) => rule),
  };
}

/** Compares the first two numbers of kernel releases. */
function isAtLeast(kernel: string, minimum: string): boolean {
  const [[major = 0, minor = 0], [minMajor = 0, minMinor = 0]] = [kernel, minimum].map((text) =>
    text.split(/[.-]/).slice(0, 2).map(Number),
  ) as [number[], number[]];
  return major > minMajor || (major === minMajor && minor >= minMinor);
}
