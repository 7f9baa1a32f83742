import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startRunner } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";

const usage = `Usage: varve runner --server URL [--token TOKEN]

Carries out RUN steps for a server, until it is told to stop (SIGTERM: after those that run).

Options:
  --server URL       The server, as https://varve.example
  --token TOKEN      What the server calls VARVE_RUNNER_TOKEN (default: that variable)
  --data FOLDER      Keeps layers and caches (default: /var/lib/varve-runner)
  --capacity NUMBER  Steps at a time (default: one for each processor)
  --memory BYTES     Memory that a step may use (default: any)
  --disk BYTES       Disk that unpacked layers may use (default: 20 GiB)
  --label NAME=VALUE Tells the server about this machine; can be given again
`;

/** `varve runner`. */
export async function runnerCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: "boolean", short: "h" },
      server: { type: "string" },
      token: { type: "string" },
      data: { type: "string" },
      capacity: { type: "string" },
      memory: { type: "string" },
      disk: { type: "string" },
      label: { type: "string", multiple: true },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.server === undefined)
    throw new CommandError("--server is missing", "Say which server: --server URL");
  const memory = number("memory", values.memory);
  const layerBytes = number("disk", values.disk);
  const runner = await startRunner({
    server: values.server,
    token: values.token ?? process.env.VARVE_RUNNER_TOKEN ?? "",
    data: resolve(values.data ?? "/var/lib/varve-runner"),
    capacity: number("capacity", values.capacity) ?? availableParallelism(),
    labels: Object.fromEntries((values.label ?? []).map(label)),
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
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new CommandError(`--${name} ${JSON.stringify(text)} is no whole number above 0`);
}

function label(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
