import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { startRunner } from "../runner/runner.ts";
import { command } from "./command.ts";
import { UsageError } from "./command-error.ts";

/** `varve runner`. */
export const runnerCommand = command(
  {
    name: "runner",
    usage: "[OPTIONS] --server URL",
    summary: "Carry out RUN steps for a server",
    about:
      "Works until it is told to stop: SIGTERM or Ctrl-C waits for the steps that run, and a second one does not.",
    flags: {
      server: { kind: "text", value: "URL", help: "The server, as https://varve.example" },
      token: { kind: "text", help: "What the server calls VARVE_RUNNER_TOKEN (default: that variable)" },
      data: {
        kind: "text",
        value: "FOLDER",
        completes: "folder",
        help: "Keeps layers and caches (default: /var/lib/varve-runner)",
      },
      capacity: { kind: "text", value: "NUMBER", help: "Steps at a time (default: one for each processor)" },
      memory: { kind: "text", value: "BYTES", help: "Memory that a step may use (default: any)" },
      disk: { kind: "text", value: "BYTES", help: "Disk that unpacked layers may use (default: 20 GiB)" },
      label: { kind: "list", value: "NAME=VALUE", help: "Tell the server about this machine" },
    },
    args: [0, 0],
  },
  async ({ values }) => {
    if (values.server === undefined)
      throw new UsageError("--server is missing", "Say which server: --server URL");
    const memory = number("memory", values.memory);
    const layerBytes = number("disk", values.disk);
    const runner = await startRunner({
      server: values.server,
      token: values.token ?? process.env.VARVE_RUNNER_TOKEN ?? "",
      data: resolve(values.data ?? "/var/lib/varve-runner"),
      capacity: number("capacity", values.capacity) ?? availableParallelism(),
      labels: Object.fromEntries(values.label.map(label)),
      ...(memory !== undefined && { memory }),
      ...(layerBytes !== undefined && { layerBytes }),
    });
    process.stderr.write(`This machine carries out steps for ${values.server}\n`);
    let signals = 0;
    const stopped = Promise.withResolvers<void>();
    const stop = () => {
      signals += 1;
      // Whoever asks twice does not want to wait.
      runner.close(signals > 1).then(stopped.resolve, stopped.reject);
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
    await stopped.promise;
    process.off("SIGTERM", stop).off("SIGINT", stop);
    return 0;
  },
);

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} ${JSON.stringify(text)} is no whole number above 0`);
}

function label(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
