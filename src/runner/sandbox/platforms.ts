import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The ELF header of a platform's programs (elf(5)): bits, byte order, machine number. */
interface Elf {
  bits: 32 | 64;
  bigEndian?: boolean;
  machine: number;
}

const PLATFORMS: Readonly<Record<string, Elf>> = {
  "linux/amd64": { bits: 64, machine: 62 },
  "linux/arm64": { bits: 64, machine: 183 },
  "linux/arm/v7": { bits: 32, machine: 40 },
  "linux/386": { bits: 32, machine: 3 },
  "linux/ppc64le": { bits: 64, machine: 21 },
  "linux/riscv64": { bits: 64, machine: 243 },
  "linux/s390x": { bits: 64, bigEndian: true, machine: 22 },
};
/** Node's names of processors that differ from those in images. */
const NATIVE: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  arm: "arm/v7",
  ppc64: "ppc64le",
};
/** The kernel's list of interpreters (kernel documentation, binfmt-misc.rst). */
const BINFMT = "/proc/sys/fs/binfmt_misc";

/** The platform of this machine. */
export function nativePlatform(): string {
  return `linux/${NATIVE[process.arch] ?? process.arch}`;
}

/** The platforms that this machine can run, natively or through emulators that the kernel calls. */
export function machinePlatforms(folder: string = BINFMT): string[] {
  const native = nativePlatform();
  // amd64 processors also run 386 programs.
  const related = native === "linux/amd64" ? ["linux/386"] : [];
  const interpreters = interpretersIn(folder);
  const emulated = Object.entries(PLATFORMS).flatMap(([platform, elf]) =>
    interpreters.some((interpreter) => interpreter.accepts(headerOf(elf))) ? [platform] : [],
  );
  return [...new Set([native, ...related, ...emulated])];
}

interface Interpreter {
  accepts(program: Uint8Array): boolean;
}

/** Interpreters that also work in containers: flag F means that the kernel opened them in advance. */
function interpretersIn(folder: string): Interpreter[] {
  try {
    if (readFileSync(join(folder, "status"), "utf8").trim() !== "enabled") return [];
    return readdirSync(folder)
      .filter((name) => name !== "status" && name !== "register")
      .flatMap((name) => interpreterOf(readFileSync(join(folder, name), "utf8")) ?? []);
  } catch {
    // The file system is not mounted, so there are no emulators.
    return [];
  }
}

function interpreterOf(text: string): Interpreter | undefined {
  const lines = text.split("\n");
  const value = (key: string) =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? "";
  if (lines[0] !== "enabled" || !/^flags: .*F/m.test(text) || value("magic") === "") return undefined;
  const magic = [...Buffer.from(value("magic"), "hex")];
  const mask = value("mask") === "" ? Buffer.alloc(magic.length, 0xff) : Buffer.from(value("mask"), "hex");
  const offset = Number(value("offset") || 0);
  return {
    accepts: (program) =>
      magic.every((byte, at) => {
        const bits = mask[at] ?? 0xff;
        return ((program[offset + at] ?? 0) & bits) === (byte & bits);
      }),
  };
}

/** The first bytes of a program, up to the machine number. */
function headerOf({ bits, bigEndian = false, machine }: Elf): Uint8Array {
  const header = Buffer.alloc(20);
  header.write("\x7fELF", "latin1");
  header.set([bits / 32, bigEndian ? 2 : 1, 1], 4);
  const executable = 2;
  if (bigEndian) {
    header.writeUInt16BE(executable, 16);
    header.writeUInt16BE(machine, 18);
  } else {
    header.writeUInt16LE(executable, 16);
    header.writeUInt16LE(machine, 18);
  }
  return header;
}
