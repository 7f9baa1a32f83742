import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import type { Limits } from "./oci-spec.ts";

/** What an operator says of limits; 0 stands for none. */
export interface LimitSettings {
  /** Bytes of memory that the processes of a step may use together. */
  memory?: number | undefined;
  /** Processes and threads that a step may have at a time. */
  pids?: number | undefined;
}

/** More than any build needs that is known, and far less than what a fork bomb needs to stop a machine. */
const MOST_PIDS = 16_384;
/** Left for the runner and the rest of the machine, at least. */
const RESERVE = 256 * 2 ** 20;
const RESERVE_SHARE = 0.05;

/** The limits of a step: those that the operator sets, and defaults that keep a step from stopping the machine. */
export function stepLimits(settings: LimitSettings, machine = readMachine()): Limits {
  const { memory, pids = Math.min(MOST_PIDS, Math.floor(machine.pids / 2)) } = settings;
  const usual = Math.floor(machine.memory - Math.max(RESERVE, machine.memory * RESERVE_SHARE));
  return {
    ...(memory === undefined
      ? { memory: Math.max(usual, Math.floor(machine.memory / 2)) }
      : memory > 0 && { memory, swap: memory }),
    ...(pids > 0 && { pids }),
  };
}

interface Machine {
  /** Bytes that this program could have. */
  memory: number;
  /** Processes and threads that the kernel allows altogether. */
  pids: number;
}

function readMachine(): Machine {
  const constrained = process.constrainedMemory();
  return {
    memory: constrained > 0 ? Math.min(totalmem(), constrained) : totalmem(),
    pids: Math.min(...["pid_max", "threads-max"].map(readKernelNumber)),
  };
}

function readKernelNumber(name: string): number {
  try {
    return Number(readFileSync(`/proc/sys/kernel/${name}`, "utf8")) || Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
