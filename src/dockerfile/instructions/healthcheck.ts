import { readDuration } from "../duration.ts";
import { Fault } from "../fault.ts";
import { readInstructionFlags } from "../flags.ts";
import type { HealthcheckConfig } from "../instruction.ts";
import { quoteGo } from "../quote.ts";
import { type InstructionReader, requireArguments } from "./fields.ts";

const MILLISECOND = 1_000_000;
const MAX_RETRIES = 2 ** 31 - 1;

const flagKinds = {
  interval: "text",
  timeout: "text",
  "start-period": "text",
  "start-interval": "text",
  retries: "text",
} as const;

export const readHealthcheck: InstructionReader<"HEALTHCHECK"> = ({ args, flags: written, json }) => {
  requireArguments("HEALTHCHECK", args);
  const [type = "", ...command] = args;
  const upper = type.toUpperCase();
  if (upper === "NONE") {
    if (command.length > 0) throw fault("HEALTHCHECK NONE takes no arguments");
    return {
      health: { test: ["NONE"], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 },
    };
  }
  const flags = readInstructionFlags(written, flagKinds);
  if (upper !== "CMD") throw fault(`Unknown type ${quoteGo(upper)} in HEALTHCHECK (try CMD)`, type);
  if (command.length === 0) throw fault("Missing command after HEALTHCHECK CMD");
  const health: HealthcheckConfig = {
    test: [json ? "CMD" : "CMD-SHELL", ...command],
    interval: interval("interval", flags.interval),
    timeout: interval("timeout", flags.timeout),
    startPeriod: interval("start-period", flags["start-period"]),
    startInterval: interval("start-interval", flags["start-interval"]),
    retries: readRetries(flags.retries),
  };
  return { health };
};

function interval(name: string, value: string | undefined): number {
  const duration = value ? readDuration(value) : 0;
  if (duration !== 0 && duration < MILLISECOND) {
    throw fault(`Interval ${quoteGo(name)} cannot be less than 1ms`, `--${name}`);
  }
  return duration;
}

function readRetries(value: string | undefined): number {
  if (!value) return 0;
  const isInteger = /^[-+]?\d+$/.test(value);
  const retries = Number(value);
  if (!isInteger || Math.abs(retries) > MAX_RETRIES) {
    const reason = isInteger ? "value out of range" : "invalid syntax";
    throw fault(`strconv.ParseInt: parsing ${quoteGo(value)}: ${reason}`, "--retries");
  }
  if (retries < 0) throw fault(`--retries cannot be negative (${retries})`, "--retries");
  return retries;
}

function fault(message: string, word?: string): Fault {
  return new Fault("parse/healthcheck", message, word === undefined ? {} : { word });
}
