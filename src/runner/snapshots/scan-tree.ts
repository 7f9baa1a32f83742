import { readdir } from "node:fs/promises";
import { readTar } from "../../tar/read.ts";
import { comparePaths, decodeName } from "../../tar/text.ts";
import { runProgram } from "../command.ts";
import { findProgram } from "../sandbox/runtime.ts";
import { OVERLAY_XATTR } from "./overlay-members.ts";
import type { TreeIndex } from "./tree-index.ts";

/** The result of a scan. */
interface Scan {
  index: TreeIndex;
  /** Approximate bytes on disk. */
  bytes: number;
}

/** Numbers of the system calls llistxattr and lgetxattr, by architecture. */
const SYSTEM_CALLS: Record<string, readonly [list: number, get: number]> = {
  x64: [195, 192],
  arm64: [12, 9],
  riscv64: [12, 9],
  loong64: [12, 9],
  ppc64: [216, 213],
  s390x: [231, 228],
};

const OPAQUE = /^(?:trusted|user)\.overlay\.opaque$/;
/** Approximate bytes of an entry without its contents. */
const ENTRY_BYTES = 4096;

/**
 * Indexes the tree in `folder`, an upper directory of overlayfs. Perl does it when there is one, because Node cannot
 * read extended attributes; otherwise tar does, which reads all contents as well.
 * @throws {Error}
 */
export async function scanTree(folder: string, signal: AbortSignal): Promise<Scan> {
  // Many steps only check something.
  if ((await readdir(folder)).length === 0) return { index: new IndexBuilder().finish(), bytes: ENTRY_BYTES };
  const calls = SYSTEM_CALLS[process.arch];
  const perl = calls && findProgram("perl");
  return perl === undefined || calls === undefined
    ? scanArchive(folder, signal)
    : scanWithPerl(perl, calls, folder, signal);
}

/** Collects what a scan finds. */
class IndexBuilder {
  readonly #index: TreeIndex = { xattrs: {}, opaque: [], links: [], hasRemovals: false };
  readonly #names = new Map<string, string[]>();

  addRemoval(): void {
    this.#index.hasRemovals = true;
  }

  /** @param file equal for all names of one file */
  addName(path: string, file: string): void {
    const names = this.#names.get(file);
    if (names === undefined) this.#names.set(file, [path]);
    else names.push(path);
  }

  /** @param value in base64 */
  addAttribute(path: string, name: string, value: string): void {
    if (OPAQUE.test(name)) {
      if (!/^[Yy]$/.test(atob(value))) return;
      this.#index.opaque.push(path);
      this.#index.hasRemovals = true;
    } else if (!OVERLAY_XATTR.test(name)) {
      this.#index.xattrs[path] = { ...this.#index.xattrs[path], [name]: value };
    }
  }

  finish(): TreeIndex {
    for (const names of this.#names.values()) {
      if (names.length > 1) this.#index.links.push(names.sort(comparePaths));
    }
    return this.#index;
  }
}

/**
 * Prints records of fields that end with a zero byte: a letter, a path, and for L device and inode of a file with
 * several names, for A name and value of an attribute in hexadecimal digits, for R nothing (a removal). The last record
 * is B with the bytes of all files.
 */
const SCRIPT = `
use strict;
my ($list, $get, $top) = @ARGV;
my ($bytes, %seen) = (0);
binmode STDOUT;
sub visit {
  my ($path, $name) = @_;
  my ($dev, $ino, $links, $rdev, $size) = (lstat $path)[0, 1, 3, 6, 7] or die "$path: $!";
  my $is_directory = -d _;
  print "R\\0$name\\0" if -c _ && $rdev == 0;
  print "L\\0$name\\0$dev:$ino\\0" if !$is_directory && $links > 1;
  $bytes += ${ENTRY_BYTES} + (-f _ ? $size : 0) unless $links > 1 && !$is_directory && $seen{"$dev:$ino"}++;
  my $names = "\\0" x 65536;
  my $length = syscall($list, $path, $names, 65536);
  for my $attribute ($length > 0 ? split(/\\0/, substr($names, 0, $length)) : ()) {
    my $value = "\\0" x 65536;
    my $got = syscall($get, $path, $attribute, $value, 65536);
    print join("\\0", "A", $name, unpack("H*", $attribute), unpack("H*", substr($value, 0, $got))), "\\0" if $got >= 0;
  }
  return unless $is_directory;
  opendir(my $handle, $path) or die "$path: $!";
  my @entries = grep { $_ ne "." && $_ ne ".." } readdir $handle;
  closedir $handle;
  visit("$path/$_", $name eq "" ? $_ : "$name/$_") for @entries;
}
visit($top, "");
print "B\\0$bytes\\0";
`;

async function scanWithPerl(
  perl: string,
  [list, get]: readonly [number, number],
  folder: string,
  signal: AbortSignal,
): Promise<Scan> {
  const chunks: Uint8Array[] = [];
  await runProgram(perl, ["-e", SCRIPT, String(list), String(get), folder], {
    signal,
    output: async (stdout) => {
      for await (const chunk of stdout) chunks.push(chunk);
    },
  });
  const index = new IndexBuilder();
  let bytes = 0;
  const next = fields(Buffer.concat(chunks));
  const text = () => decodeName(next() ?? new Uint8Array());
  for (let kind = next(); kind !== undefined; kind = next()) {
    switch (String.fromCharCode(kind[0] ?? 0)) {
      case "R":
        text();
        index.addRemoval();
        break;
      case "L":
        index.addName(text(), text());
        break;
      case "A":
        index.addAttribute(text(), fromHex(text()).toString("latin1"), fromHex(text()).toString("base64"));
        break;
      default:
        bytes = Number(text());
    }
  }
  return { index: index.finish(), bytes };
}

/** Reads fields one by one; undefined after the last. */
function fields(bytes: Buffer): () => Uint8Array | undefined {
  let start = 0;
  return () => {
    const end = bytes.indexOf(0, start);
    if (end < 0) return undefined;
    const field = bytes.subarray(start, end);
    start = end + 1;
    return field;
  };
}

function fromHex(text: string): Buffer {
  return Buffer.from(text, "hex");
}

const ARCHIVE: readonly string[] = [
  "--create",
  "--file=-",
  "--format=posix",
  "--numeric-owner",
  "--xattrs",
  "--xattrs-include=*",
  "--sparse",
  "--blocking-factor=128",
  "--directory",
];

async function scanArchive(folder: string, signal: AbortSignal): Promise<Scan> {
  const index = new IndexBuilder();
  let bytes = 0;
  await runProgram("tar", ARCHIVE.concat(folder, "."), {
    signal,
    output: async (stdout) => {
      for await (const { entry } of readTar(stdout)) {
        const { path, type, size, linkname = "", device, xattrs = {} } = entry;
        if (type === "char" && device?.major === 0 && device.minor === 0) index.addRemoval();
        if (type === "file") index.addName(path, path);
        else if (type === "hardlink") index.addName(path, linkname);
        if (type !== "hardlink") bytes += ENTRY_BYTES + size;
        for (const [name, value] of Object.entries(xattrs)) index.addAttribute(path, name, value);
      }
    },
  });
  return { index: index.finish(), bytes };
}
