import { z } from "zod";
import { issuesText } from "../../../schemas/issues-text.ts";
import type { Problem } from "../../../schemas/problem.ts";
import { type ProblemCode, problemCodes } from "../../../schemas/problem-codes.ts";
import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import { type Located, locate } from "../../dockerfile/locate.ts";
import { BuildError } from "../../engine/errors.ts";
import { maskCredentials } from "../../engine/url-credentials.ts";
import { warningOf } from "../../engine/warning.ts";
import { ImageError } from "../../images/image-error.ts";
import { isDigest } from "../../oci/digest.ts";
import { InvalidReferenceError } from "../../oci/reference.ts";
import { RegistryError } from "../../registry/errors.ts";
import { isStoreFull } from "../../store/object-store.ts";
import { isStoreBusy } from "../../store/retry.ts";
import { TooLargeError } from "../../streams/collect.ts";
import { count } from "../operation/counts.ts";
import { logFault, logSubject } from "../operation/log.ts";
import { codeLabel } from "../operation/metrics.ts";
import { isObjectInterrupted } from "./object-interrupted.ts";

/** Fields of a problem besides its code. */
export type ProblemDetails = Partial<Omit<Problem, "type" | "code" | "status">>;

/** A problem of the catalogue. The default title is that of its code, or else its detail. */
export function newProblem(code: ProblemCode, details: ProblemDetails): Problem {
  const { status, title = details.detail ?? code }: { status: number; title?: string } = problemCodes[code];
  return { type: "about:blank", status, code, title, ...details };
}

/** An error whose response is a problem. */
export class ProblemError extends Error {
  override name = "ProblemError";
  readonly problem: Problem;
  /** Headers that a client needs to continue. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    problem: ProblemCode | Problem,
    details: ProblemDetails = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    const full = typeof problem === "string" ? newProblem(problem, details) : { ...problem, ...details };
    super(full.detail ?? full.title);
    this.problem = full;
    this.headers = headers;
  }
}

/** The Dockerfile that a problem refers to. */
export interface Source {
  name: string;
  text: string;
}

const unnamed: Source = { name: "Dockerfile", text: "" };

/** The message of a registry error with its subject; for a missing image, docker's message. */
function registryDetail({ fault, message, detail }: RegistryError): string {
  const { name, reference, ...others } = detail;
  const image =
    name === undefined || reference === undefined
      ? [name ?? reference ?? ""]
      : [`${name}${isDigest(reference) ? "@" : ":"}${reference}`];
  const about = [...image, ...Object.values(others)].filter((text) => text !== "").join(" ");
  if (fault === "MANIFEST_UNKNOWN" && reference !== undefined) return `No such image: ${about}`;
  return about === "" ? message : `${message}: ${about}`;
}

/** The problem for any error. */
export function problemOf(error: unknown, source?: Source): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof DockerfileError) {
    const { code, message, column, words, help } = error.diagnostic;
    // Diagnostics about the whole file have line 0.
    const lines = error.diagnostic.lines.start === 0 ? undefined : error.diagnostic.lines;
    return {
      type: "about:blank",
      status: 400,
      code: code.startsWith("dockerfile") ? code : `dockerfile/${code}`,
      title: shorten(message),
      detail: withExcerpt(shorten(message), source, lines),
      ...(help === undefined ? {} : { hint: shorten(help) }),
      ...locations(source, lines && { lines, column, words }),
      ...warningsOf(error, source),
    };
  }
  if (error instanceof BuildError) {
    return newProblem(error.code, {
      title: shorten(error.message),
      detail: withExcerpt(withLog(shorten(error.message), error.log), source, error.lines),
      ...(error.hint === undefined ? {} : { hint: shorten(error.hint) }),
      ...(error.registry === undefined ? {} : { registry: error.registry }),
      ...locations(source, error.lines && { lines: error.lines, words: error.words }),
      ...warningsOf(error, source),
    });
  }
  if (error instanceof ImageError) {
    const message = shorten(error.message);
    const { hint } = error;
    return newProblem(error.code, { title: message, detail: message, ...(hint !== undefined && { hint }) });
  }
  if (error instanceof RegistryError) {
    return {
      type: "about:blank",
      status: error.status,
      code: error.fault.toLowerCase().replaceAll("_", "-"),
      title: error.message,
      detail: shorten(registryDetail(error)),
    };
  }
  if (error instanceof z.ZodError) {
    return newProblem("invalid-request", {
      detail: shorten(issuesText(error)),
    });
  }
  if (error instanceof InvalidReferenceError) {
    return newProblem("name-invalid", {
      detail: `Cannot read an image name: ${shorten(error.message)}`,
    });
  }
  if (error instanceof TooLargeError) {
    return newProblem("too-large", {
      detail: `Cannot read the request: a text in it has more than ${error.limit} bytes`,
    });
  }
  if (isStoreFull(error)) {
    return newProblem("storage-full", {
      detail: `Cannot store the data of the request: ${shorten((error as Error).message)}`,
      hint: "Free space on the disk of the server, or delete images (varve rmi) and prune (varve prune), which keeps data of the last day.",
    });
  }
  if (isStoreBusy(error)) {
    return newProblem("storage-busy", {
      detail: shorten(error.message),
      hint: "Send the request again: stored results are reused.",
    });
  }
  logFault(error);
  if (isObjectInterrupted(error)) {
    return newProblem("part-restarted", {
      detail: "Cannot finish the request: a part of the server was restarted or overloaded meanwhile.",
      hint: "Send the request again.",
    });
  }
  const { request, build } = logSubject.getStore() ?? {};
  const subject = request !== undefined ? `request ${request}` : build !== undefined && `build ${build}`;
  return newProblem("internal", {
    detail: "This is a fault of the server, not of the request.",
    ...(subject && { hint: `The log of the server has the cause: look for the ${subject}.` }),
  });
}

/** The problem for an event: without the output of the process, which other events contain. */
export function eventProblemOf(problem: Problem, error: unknown, source?: Source): Problem {
  if (!(error instanceof BuildError) || error.log.length === 0) return problem;
  return { ...problem, detail: withExcerpt(problem.title, source, error.lines) };
}

/** Counts a rejected request. */
export function countProblem({ code }: Problem): void {
  count("varve_problems_total", { code: codeLabel(code) });
}

export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  countProblem(problem);
  const { request } = logSubject.getStore() ?? {};
  return Response.json(request === undefined ? problem : { ...problem, request }, {
    status: problem.status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
}

function warningsOf({ warnings }: DockerfileError | BuildError, { name }: Source = unnamed) {
  return warnings.length === 0 ? {} : { warnings: warnings.map((found) => warningOf(found, name)) };
}

function locations(source: Source | undefined, located: Located | undefined) {
  if (located === undefined) return {};
  const { start, end } = located.lines;
  const known = located.column === undefined ? undefined : { line: start, column: located.column };
  const { line, column } = (source && locate(source.text.split(/\r?\n/), located)) ??
    known ?? { line: start };
  return {
    errors: [
      {
        file: (source ?? unnamed).name,
        line,
        ...(end === line ? {} : { endLine: end }),
        ...(column === undefined ? {} : { column }),
      },
    ],
  };
}

/** Maximum number of lines of an excerpt, and of characters of a line. */
const MAX_LINES = 40;
const MAX_LINE = 300;
/** Maximum length of a message in characters, because it may quote long input. */
const MAX_MESSAGE = 2000;

function shorten(text: string, longest = MAX_MESSAGE): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** The message and the last lines of a process between rules, as BuildKit shows them. */
function withLog(message: string, log: readonly string[]): string {
  if (log.length === 0) return message;
  const rule = "-".repeat(6);
  return [message, rule, ...log.map((line) => shorten(line, MAX_LINE)), rule].join("\n");
}

/** The message and the lines at fault with their neighbours, as BuildKit shows them. */
function withExcerpt(
  message: string,
  source: Source | undefined,
  lines: { start: number; end: number } | undefined,
): string {
  if (source === undefined || lines === undefined) return message;
  const all = source.text.split(/\r?\n/);
  const from = Math.max(1, lines.start - 2);
  const to = Math.min(all.length, lines.end + 2, from + MAX_LINES);
  const excerpt: string[] = [];
  for (let number = from; number <= to; number++) {
    const marked = number >= lines.start && number <= lines.end;
    const line = shorten(maskCredentials(all[number - 1] ?? ""), MAX_LINE);
    excerpt.push(`${String(number).padStart(4)} | ${marked ? ">>> " : "    "}${line}`);
  }
  const rule = "-".repeat(20);
  return `${message}\n${source.name}:${lines.start}\n${rule}\n${excerpt.join("\n")}\n${rule}`;
}
