import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Finding } from "../../schemas/check.ts";
import { Service } from "../client/service.ts";
import { CommandError } from "./command-error.ts";
import { serverFlag } from "./server-flag.ts";

/** `varve check`: prints what is to be said about a Dockerfile; gives the exit code. */
export async function checkCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { file: { type: "string", short: "f" }, server: { type: "string" } },
  });
  if (positionals.length > 1)
    throw new CommandError("varve check takes one folder", "varve check [-f FILE] [PATH]");
  const path = values.file ?? join(positionals[0] ?? ".", "Dockerfile");
  const dockerfile = readFileSync(path);
  const { findings } = await new Service(serverFlag(values.server, process.env)).check(dockerfile, path);
  if (findings.length === 0) process.stdout.write("Check complete, no warnings found.\n");
  for (const finding of findings) process.stdout.write(findingText(finding, dockerfile.toString()));
  return findings.length === 0 ? 0 : 1;
}

function findingText(
  { rule, severity, message, file, line, endLine, url }: Finding,
  dockerfile: string,
): string {
  const title = severity === "error" ? "ERROR" : "WARNING";
  const excerpt = dockerfile
    .split(/\r?\n/)
    .slice(line - 1, endLine)
    .map((text, i) => `${String(line + i).padStart(4)} | >>> ${text}\n`)
    .join("");
  const border = "-".repeat(20);
  return `${title}: ${rule}${url === undefined ? "" : ` - ${url}`}\n${message}\n${file}:${line}\n${border}\n${excerpt}${border}\n\n`;
}
