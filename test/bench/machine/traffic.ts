import { execFileSync } from "node:child_process";
import { onStop } from "./cleanup.ts";

/** Bytes that a server received and sent. */
export interface Traffic {
  received: number;
  sent: number;
}

const directions = { received: "--dport", sent: "--sport" } as const;

/**
 * Counts the bytes of a TCP port of loopback in the kernel, with two rules of the packet filter that change nothing. A
 * proxy in front of the server would take CPU time from what is measured. The bytes include headers of TCP and IP, which
 * are below one per cent on loopback.
 */
export class TrafficCounter implements Disposable {
  readonly #port: number;
  readonly #rules: Readonly<Record<keyof Traffic, readonly string[]>>;
  readonly #forget: () => void;

  /** @throws {Error} when the packet filter cannot be used */
  constructor(port: number) {
    this.#port = port;
    const rule = (side: string) => ["INPUT", "-i", "lo", "-p", "tcp", side, String(port)];
    this.#rules = { received: rule(directions.received), sent: rule(directions.sent) };
    for (const one of Object.values(this.#rules)) iptables("-I", ...one);
    this.#forget = onStop(() => this[Symbol.dispose]());
  }

  read(): Traffic {
    const lines = iptables("-vnxL", "INPUT").split("\n");
    const bytes = (side: string) => {
      const line = lines.find((one) => new RegExp(`\\b${side}:${this.#port}\\b`).test(one));
      return Number(line?.trim().split(/\s+/)[1] ?? Number.NaN);
    };
    return { received: bytes("dpt"), sent: bytes("spt") };
  }

  [Symbol.dispose](): void {
    this.#forget();
    for (const one of Object.values(this.#rules)) iptables("-D", ...one);
  }
}

function iptables(...args: string[]): string {
  return execFileSync("iptables", ["--wait", ...args], { encoding: "utf8" });
}
