import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import type { ResourceLimits } from "./oci-spec.ts";

/** An operator's limits for steps; 0 means no limit. */
export interface LimitSettings {
  /** Bytes of memory for all processes of a step. */
  memory?: number | undefined;
  /** Processes and threads of a step at a time. */
  pids?: number | undefined;
}

/** More than any known build needs, and far less than a fork bomb needs to stop a machine. */
const MAX_PIDS = 16_384;
/** Minimum bytes for the runner and the rest of the machine. */
const RESERVE = 256 * 2 ** 20;
const RESERVE_SHARE = 0.05;

/** The limits of a step: the operator's, or defaults that prevent a step from stopping the machine. */
export function stepLimits(settings: LimitSettings, machine = readMachine()): ResourceLimits {
  const { memory, pids = Math.min(MAX_PIDS, Math.floor(machine.pids / 2)) } = settings;
  const usual = Math.floor(machine.memory - Math.max(RESERVE, machine.memory * RESERVE_SHARE));
  return {
    ...(memory === undefined
      ? { memory: Math.max(usual, Math.floor(machine.memory / 2)) }
      : memory > 0 && { memory, swap: memory }),
    ...(pids > 0 && { pids }),
  };
}

interface Machine {
  /** Bytes available to this program. */
  memory: number;
  /** Processes and threads that the kernel allows in total. */
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
