import { AsyncLocalStorage } from "node:async_hooks";
import { maskCredentials } from "../../engine/url-credentials.ts";

/** The subject of a log line. */
interface LogSubject {
  /** ID of the request. */
  request?: string;
  /** ID of the build. */
  build?: string;
}

/** The request or build that the running code serves. */
export const logSubject = new AsyncLocalStorage<LogSubject>();

type Level = "info" | "warn" | "error";

/** Maximum length of a logged chain of causes. */
const MAX_CAUSES = 5;

/** Writes one line of JSON. Masks users and passwords in URLs. */
export function log(level: Level, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const line = { time: new Date().toISOString(), level, event, ...logSubject.getStore(), ...fields };
  console[level](maskCredentials(JSON.stringify(line)));
}

/** Logs an unexpected error with its stack and causes. */
export function logFault(error: unknown): void {
  log("error", "fault", { error: describeError(error) });
}

interface ErrorDescription {
  name: string;
  message: string;
  stack?: string;
  cause?: ErrorDescription;
}

function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}
