import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A socket on which a process accepts connections or datagrams. */
export type ListeningSocket =
  | { kind: "tcp" | "udp"; pid: number; address: string; port: number }
  /** An abstract name begins with `@`. */
  | { kind: "unix"; pid: number; path: string };

/** The sockets on which these processes listen, from the kernel's tables. */
export function listeningSockets(pids: readonly number[]): ListeningSocket[] {
  const owners = new Map<string, number>();
  for (const pid of pids) for (const inode of inodesOf(pid)) owners.set(inode, pid);
  const [first] = pids;
  if (first === undefined) return [];
  const internet = (["tcp", "tcp6", "udp", "udp6"] as const).flatMap((table): ListeningSocket[] =>
    rowsOf(first, table).flatMap(([, local = "", , state, , , , , , inode = ""]) => {
      const pid = owners.get(inode);
      const isTcp = table.startsWith("tcp");
      // TCP_LISTEN. A UDP socket with a port always receives.
      if (pid === undefined || (isTcp && state !== "0A")) return [];
      const [address = "", port = ""] = local.split(":");
      return [
        { kind: isTcp ? "tcp" : "udp", pid, address: addressOf(address), port: Number.parseInt(port, 16) },
      ];
    }),
  );
  const local = rowsOf(first, "unix").flatMap(
    ([, , , flags = "", , , inode = "", path = ""]): ListeningSocket[] => {
      const pid = owners.get(inode);
      const isListening = (Number.parseInt(flags, 16) & 0x10000) !== 0;
      return pid === undefined || !isListening ? [] : [{ kind: "unix", pid, path }];
    },
  );
  return [...internet, ...local];
}

function inodesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // It has been closed.
      return [];
    }
  });
}

function rowsOf(pid: number, table: string): string[][] {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/${table}`, "utf8").trimEnd().split("\n");
  return lines.map((line) => line.trim().split(/\s+/));
}

/** The kernel writes each 32 bits in the byte order of the machine. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join(".");
  return (Buffer.from(bytes).toString("hex").match(/.{4}/g) ?? []).join(":");
}
