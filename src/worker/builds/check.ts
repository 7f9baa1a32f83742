import { Hono } from "hono";
import type { CheckResult, Finding } from "../../../schemas/check.ts";
import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import { locate } from "../../dockerfile/locate.ts";
import { MAX_DOCKERFILE } from "../../dockerfile/parse.ts";
import { lintSource } from "../../engine/plan/lint.ts";
import type { PlanOptions } from "../../engine/plan/options.ts";
import { collect } from "../../streams/collect.ts";
import { splitLines } from "../../streams/lines.ts";
import type { Env } from "../environment.ts";
import { readRequestBody } from "../http/request-body.ts";

/** `POST /v1/check`: lints the Dockerfile in the body. */
export const check = new Hono<{ Bindings: Env }>();

check.post("/", async (c) => {
  const text = await collect(readRequestBody(c.req.raw), MAX_DOCKERFILE);
  const file = c.req.query("dockerfile") ?? "Dockerfile";
  return c.json(await checkResult(text, file, {}));
});

/** Errors and lint warnings of a Dockerfile, without a build. */
export async function checkResult(
  text: string | Uint8Array,
  file: string,
  options: PlanOptions,
): Promise<CheckResult> {
  const source = typeof text === "string" ? text : new TextDecoder().decode(text);
  const lines = await splitLines(source);
  return {
    findings: (await lintSource(text, options)).map((diagnostic) => findingOf(diagnostic, file, lines)),
  };
}

/**
 * Converts a diagnostic to the format of the API. Errors of the Dockerfile include the column.
 * @param text the lines of the Dockerfile
 */
export function findingOf(diagnostic: Diagnostic, file: string, text: readonly string[]): Finding {
  const { code, severity, message, lines, help, url } = diagnostic;
  const place = severity === "error" ? locate(text, diagnostic) : undefined;
  const column = place?.column ?? diagnostic.column;
  return {
    rule: code,
    severity,
    message,
    file,
    line: place?.line ?? lines.start,
    endLine: lines.end,
    ...(column !== undefined && { column }),
    ...(help !== undefined && { help }),
    ...(url !== undefined && { url }),
  };
}
