import { readFileSync } from "node:fs";

/** Platforms and the names that emulators are registered under (kernel documentation, binfmt-misc.rst). */
const EMULATORS: Readonly<Record<string, string>> = {
  "linux/amd64": "qemu-x86_64",
  "linux/arm64": "qemu-aarch64",
  "linux/arm/v7": "qemu-arm",
  "linux/386": "qemu-i386",
  "linux/ppc64le": "qemu-ppc64le",
  "linux/riscv64": "qemu-riscv64",
  "linux/s390x": "qemu-s390x",
};

/** The platform of this machine, as images name it. */
export function nativePlatform(): string {
  return `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
}

/** What this machine can run, natively or because the kernel calls an emulator. */
export function runnablePlatforms(): string[] {
  const native = nativePlatform();
  const emulated = Object.keys(EMULATORS).filter((platform) => isEmulated(EMULATORS[platform] as string));
  // These processors run both.
  const related = native === "linux/amd64" ? ["linux/386"] : [];
  return [...new Set([native, ...related, ...emulated])];
}

/** Only an emulator that the kernel has opened beforehand is found inside a container: flag F. */
function isEmulated(name: string): boolean {
  try {
    const text = readFileSync(`/proc/sys/fs/binfmt_misc/${name}`, "utf8");
    return text.startsWith("enabled") && /^flags: .*F/m.test(text);
  } catch {
    return false;
  }
}
