import { execFile } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { BASE_IMAGE } from "../registry/base-image.ts";
import { findProgram } from "../runner/sandbox/runtime.ts";
import { encodeMember, endOfArchive, padding } from "../tar/write.ts";

/** `PT_INTERP` of the ELF specification: a program header of programs that need a loader and shared libraries. */
const PT_INTERP = 3;

interface BaseImageOptions {
  /** With the rights pull and build on `varve/busybox`; empty where the server requires none. */
  token: string;
}

/** The outcome: the image existed, was built, or cannot be built for this reason. */
type BaseImageOutcome = { kind: "exists" | "built" } | { kind: "missing"; reason: string };

/**
 * Builds the image `varve/busybox`, unless the server has one or builds it for this request.
 * @param server as `http://localhost:8787`
 */
export async function provideBaseImage(server: string, options: BaseImageOptions): Promise<BaseImageOutcome> {
  const known = await fetch(`${server}/v2/${BASE_IMAGE}/manifests/latest`, {
    headers: headersOf(options),
    method: "HEAD",
  });
  return known.ok ? { kind: "exists" } : buildBaseImage(server, options);
}

/**
 * Builds the image `varve/busybox` from the static busybox of this machine: a shell and some 250 commands in about 2 MB,
 * without a download.
 * @param server as `http://localhost:8787`
 */
export async function buildBaseImage(server: string, options: BaseImageOptions): Promise<BaseImageOutcome> {
  const program = await findStaticBusybox();
  if (program === undefined) {
    return {
      kind: "missing",
      reason: "this machine has no static busybox (Debian: apt install busybox-static)",
    };
  }
  const body = await contextOf(program);
  const answer = await fetch(`${server}/v1/builds?t=${BASE_IMAGE}:latest`, {
    headers: headersOf(options),
    method: "POST",
    body,
  });
  const text = await answer.text();
  return answer.ok
    ? { kind: "built" }
    : { kind: "missing", reason: `${server} answered ${answer.status} ${text.slice(0, 1000)}` };
}

function headersOf({ token }: BaseImageOptions): Record<string, string> {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

/** Path of a busybox that needs no shared libraries. */
async function findStaticBusybox(): Promise<string | undefined> {
  for (const name of ["busybox.static", "busybox"]) {
    const path = findProgram(name);
    if (path !== undefined && (await isStatic(path))) return path;
  }
  return undefined;
}

/** Whether an ELF program of 64 bits, little endian, names no loader. */
export async function isStatic(path: string): Promise<boolean> {
  await using file = await open(path);
  const header = Buffer.alloc(64);
  await file.read(header, 0, header.length, 0);
  // Magic number, ELFCLASS64, ELFDATA2LSB.
  if (header.subarray(0, 6).toString("hex") !== "7f454c460201") return false;
  const [offset, size, count] = [
    Number(header.readBigUInt64LE(32)),
    header.readUInt16LE(54),
    header.readUInt16LE(56),
  ];
  const table = Buffer.alloc(size * count);
  await file.read(table, 0, table.length, offset);
  return Array.from({ length: count }, (_, index) => table.readUInt32LE(index * size)).every(
    (type) => type !== PT_INTERP,
  );
}

const dockerfile = `FROM scratch
LABEL org.opencontainers.image.title="BusyBox" org.opencontainers.image.licenses="GPL-2.0-only"
COPY root/ /
ENV PATH=/bin
CMD ["sh"]
`;

const accounts = {
  "root/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  "root/etc/group": "root:x:0:\nnobody:x:65534:\n",
};

async function contextOf(program: string): Promise<Uint8Array<ArrayBuffer>> {
  const { stdout } = await promisify(execFile)(program, ["--list"]);
  const commands = stdout.split("\n").filter((name) => /^[\w.[-]+$/.test(name) && name !== "busybox");
  return new Uint8Array(
    Buffer.concat([
      ...file("Dockerfile", Buffer.from(dockerfile)),
      ...Object.entries(accounts).flatMap(([path, text]) => file(path, Buffer.from(text))),
      ...file("root/bin/busybox", await readFile(program), 0o755),
      ...commands.map((name) => member("symlink", `root/bin/${name}`, { mode: 0o777, linkname: "busybox" })),
      member("dir", "root/root", { mode: 0o700 }),
      member("dir", "root/tmp", { mode: 0o1777 }),
      endOfArchive,
    ]),
  );
}

function file(path: string, bytes: Uint8Array, mode = 0o644): Uint8Array[] {
  return [member("file", path, { mode, size: bytes.length }), bytes, padding(bytes.length)];
}

function member(
  type: "file" | "dir" | "symlink",
  path: string,
  { mode, size = 0, linkname }: { mode: number; size?: number; linkname?: string },
): Uint8Array {
  return encodeMember({ type, path, mode, size, uid: 0, gid: 0, mtime: 0, ...(linkname && { linkname }) });
}
