import type { Problem } from "../../schemas/problem.ts";
import type { ProblemCode } from "../../schemas/problem-codes.ts";
import { ServiceError, UnreachableError } from "../client/service.ts";
import { bodyLimitHint } from "../client/service-error.ts";
import { problemText as textOf } from "../progress/problem-text.ts";

/** Exit codes: see docs/cli.md. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  /** The server or the connection to it failed: a retry may succeed. */
  unavailable: 4,
  lint: 5,
  cancelled: 130,
} as const;

/** A command failed. */
export class CommandError extends Error {
  override name = "CommandError";
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, hint?: string, exitCode: number = EXIT.failed) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Invalid arguments of a command. */
export class UsageError extends CommandError {
  override name = "UsageError";

  constructor(message: string, hint?: string) {
    super(message, hint, EXIT.usage);
  }
}

/** The printed form of an error, with a hint on a separate line. */
export function errorText(error: unknown): string {
  if (error instanceof ServiceError) return formatProblem(error.problem);
  if (error instanceof CommandError) return textOf(error.message, error.hint);
  if (error instanceof UnreachableError) return textOf(error.message, unreachableHint(error));
  if (!(error instanceof Error)) return textOf(String(error), undefined);
  return textOf(error.message, isUnauthorized(error) ? LOGIN_HINT : undefined);
}

const LOGIN_HINT = "Log in to the registry with `varve login HOST` or `docker login HOST`.";

/** Whether a registry rejects the credentials, or their absence: see `registryExitCode`. */
function isUnauthorized({ name, fault }: Error & { fault?: unknown }): boolean {
  return name === "RegistryError" && fault === "UNAUTHORIZED";
}

export function formatProblem(problem: Problem): string {
  return textOf(problem.detail ?? problem.title, hintOf(problem));
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof ServiceError) return problemExitCode(error.problem);
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof UnreachableError) return EXIT.unavailable;
  return error instanceof Error ? registryExitCode(error) : EXIT.failed;
}

/** The exit code for a `RegistryError`. Recognized by its name, so that commands without a registry need not load it. */
function registryExitCode({ name, fault }: Error & { fault?: unknown }): number {
  if (name !== "RegistryError") return EXIT.failed;
  if (fault === "UNAUTHORIZED" || fault === "DENIED") return EXIT.denied;
  return UNAVAILABLE.has(String(fault)) ? EXIT.unavailable : EXIT.failed;
}

/** Faults of a registry after which a retry may succeed. */
const UNAVAILABLE = new Set(["NETWORK", "NO_HOST", "TIMEOUT", "TOOMANYREQUESTS", "UNAVAILABLE"]);

/** The exit code for an answer of the server. */
export function problemExitCode({ status, code }: Problem): number {
  if (code === "cancelled") return EXIT.cancelled;
  if (INVALID_FLAGS.has(code)) return EXIT.usage;
  return statusExitCode(status);
}

/** Values of flags that the server rejects. Commands take them from their command line alone. */
const INVALID_FLAGS: ReadonlySet<string> = new Set<ProblemCode>([
  "annotation-invalid",
  "name-invalid",
  "output-invalid",
  "platform-invalid",
]);

function statusExitCode(status: number): number {
  if (status === 401 || status === 403) return EXIT.denied;
  return status === 429 || (status >= 502 && status <= 504) ? EXIT.unavailable : EXIT.failed;
}

/** Hints for users of commands, in place of those of the server, which are for programs that send requests. */
const HINTS: Readonly<Record<string, string>> = {
  "build-unknown":
    "varve builds list --no-trunc prints the ids of builds, and varve builds inspect BUILD its runs.",
  "no-such-route": "The server may have another version: varve version prints both.",
  "prunes-waiting": "Try again when they have finished.",
  "token-unknown": "varve token list prints the ids of tokens.",
} satisfies Partial<Record<ProblemCode, string>>;

function hintOf({ status, code, hint, title, detail = title }: Problem): string | undefined {
  if (status === 401 && code !== "runner-denied")
    return "Log in with `varve login`, or pass a token with --token or VARVE_TOKEN.";
  if (Object.hasOwn(HINTS, code)) return HINTS[code];
  if (code === "base-unavailable" && hint === undefined && detail.includes("failed to do request"))
    return "The server fetches base images. Check its network, or set a mirror that it can reach in its VARVE_MIRRORS.";
  return hint;
}

export const NOT_RUNNING_HINT =
  "Is the server running? `varve serve` starts one on this machine; --server or VARVE_SERVER names another.";

function unreachableHint({ isRefused, isCutOff, message }: UnreachableError): string {
  if (/: (?:self-signed certificate|unable to (?:get|verify) )/.test(message))
    return "Set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of the authority that signed the server's.";
  if (isCutOff) return `A proxy in front of the server may limit bodies. ${bodyLimitHint}`;
  return isRefused ? NOT_RUNNING_HINT : "Check the name in --server or VARVE_SERVER, and the network.";
}
