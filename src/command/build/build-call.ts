import type { CheckResult } from "../../../schemas/check.ts";
import type { Service } from "../../client/service.ts";
import { EXIT, UsageError } from "../command-error.ts";
import { isFolder, readLocalDockerfile } from "../contexts/folder-build.ts";
import type { BuildFlags } from "../flags/build-flags.ts";
import { standardInput } from "../read-text.ts";
import { printFindings } from "./check-report.ts";

/** `varve build --call=…`: prints a report about the Dockerfile instead of building. Returns the exit code. */
export async function callCommand(service: Service, flags: BuildFlags): Promise<number> {
  const { call } = flags;
  const source = await readSource(flags, service.signal);
  const isJson = call.format === "json";
  if (call.method === "check") {
    const { findings } = await requestLint(service, flags, source);
    const status = printFindings(findings, source, isJson);
    return call.ignoresStatus ? EXIT.ok : status;
  }
  const { outlineText, targetsText } = await import("./dockerfile-report.ts");
  const report = call.method === "targets" ? targetsText : outlineText;
  process.stdout.write(report(source.text, { isJson, target: flags.options.target }));
  return EXIT.ok;
}

/** Lints with the arguments and the ignore file that a build would have; nothing is sent but these. */
export async function requestLint(
  service: Service,
  { options }: BuildFlags,
  { name, text, ignore }: Awaited<ReturnType<typeof readSource>>,
): Promise<CheckResult> {
  const body = { dockerfile: text, ignore, options: { ...options, dockerfile: name, check: true } };
  const headers = { "content-type": "application/json" };
  const tags = new URLSearchParams((options.tags ?? []).map((tag) => ["t", tag]));
  return service.ask(`/v1/builds?${tags}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** @param signal ends waiting for standard input */
async function readSource({ context, file }: BuildFlags, signal: AbortSignal | undefined) {
  if (isFolder(context)) return readLocalDockerfile(context, file, undefined, signal);
  if (context !== "-") throw new UsageError("--call requires a folder as context");
  const { text } = await import("node:stream/consumers");
  return { text: await text(standardInput(signal)), name: "Dockerfile", ignore: "" };
}
