import { AsyncLocalStorage } from "node:async_hooks";
import { maskCredentials } from "../../engine/url-credentials.ts";

/** What a log line is about. */
export interface LogSubject {
  /** ID of the request. */
  request?: string;
  /** ID of the build. */
  build?: string;
}

/** The request or build that code works for. */
export const logSubject = new AsyncLocalStorage<LogSubject>();

type Level = "info" | "warn" | "error";

/** Errors of a chain of causes that are logged. */
const MOST_CAUSES = 5;

/** Writes one line of JSON, in which URLs have no users and passwords. */
export function log(level: Level, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const line = { time: new Date().toISOString(), level, event, ...logSubject.getStore(), ...fields };
  console[level](maskCredentials(JSON.stringify(line)));
}

/** Logs an error that nothing explains, with its stack and its causes. */
export function logFault(error: unknown): void {
  log("error", "fault", { error: describeError(error) });
}

interface ErrorDescription {
  name: string;
  message: string;
  stack?: string;
  cause?: ErrorDescription;
}

export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth < MOST_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}
