import { resolve } from "node:path";
import { type Entitlement, entitlement } from "../../../schemas/options.ts";
import { poolName } from "../../../schemas/pools.ts";
import { readProblem, ServiceError } from "../../client/service-error.ts";
import { EXIT, UsageError } from "../../command/command-error.ts";
import { serverFlag } from "../../command/flags/server-flag.ts";
import { sharedFlags } from "../../command/flags/shared-flags.ts";
import { readStepSettings, stepFlags } from "../../command/flags/step-flags.ts";
import { startRunner } from "../../runner/runner.ts";
import { defaultCapacity } from "../../runner/runner-options.ts";
import type { RuntimeName } from "../../runner/sandbox/runtime.ts";
import type { RefusedHandshake } from "../../runner/server/handshake.ts";
import { splitKeyValue } from "../../streams/cut.ts";
import { command } from "../command.ts";

/** `varve runner`. */
export const runnerCommand = command(
  {
    name: "runner",
    usage: "[OPTIONS] --server URL",
    summary: "Execute RUN steps for a server",
    about:
      "Runs until SIGTERM or Ctrl-C. The first signal waits for running steps, a second one exits at once. VARVE_RUNNER_POOL, VARVE_RUNNER_NETWORK, VARVE_RUNNER_NETWORK_ALLOW, VARVE_RUNNER_MEMORY and VARVE_RUNNER_PIDS_LIMIT are the defaults of the flags.",
    flags: {
      server: { kind: "text", value: "URL", help: "URL of the server, e.g. https://varve.example" },
      token: {
        kind: "text",
        help: "Token that grants run, or the server's VARVE_RUNNER_TOKEN (default: VARVE_RUNNER_TOKEN)",
      },
      pool: { kind: "text", value: "NAME", help: "Pool of the server to join (default: default)" },
      data: {
        kind: "text",
        value: "FOLDER",
        completes: "folder",
        help: "Folder for layers and caches (default: /var/lib/varve-runner)",
      },
      capacity: {
        kind: "text",
        value: "NUMBER",
        help: "Maximum number of concurrent steps (default: 4 per processor, at least 8)",
      },
      containers: {
        kind: "text",
        value: "NUMBER",
        help: "Maximum number of containers that users of the server run; 0 for none (default: 8)",
      },
      ...stepFlags,
      disk: {
        kind: "text",
        value: "BYTES",
        help: "Maximum disk space for unpacked layers (default: 20 GiB)",
      },
      idle: { kind: "text", value: "SECONDS", help: "Exit after this time without a step (default: never)" },
      allow: {
        kind: "csv",
        value: "RIGHTS",
        help: "Rights that builds may request for their steps: network.host, security.insecure",
      },
      runtime: sharedFlags.runtime,
      label: { kind: "list", value: "NAME=VALUE", help: "Add a label to this runner in the server's list" },
    },
    args: [0, 0],
  },
  async ({ values }) => {
    if (!(values.server || process.env.VARVE_SERVER))
      throw new UsageError("--server is missing", "Pass the URL of the server: --server URL");
    const server = serverFlag(values.server, process.env);
    const token = values.token ?? process.env.VARVE_RUNNER_TOKEN ?? "";
    // It is sent as the name of a protocol (RFC 6455, section 4.1).
    if (!/^[\w!#$%&'*+.^`|~-]*$/.test(token)) throw new UsageError("--token contains invalid characters");
    const pool = values.pool ?? (process.env.VARVE_RUNNER_POOL || undefined);
    if (pool !== undefined && !poolName.safeParse(pool).success)
      throw new UsageError(`--pool ${JSON.stringify(pool)} is not a name of a pool`);
    const idle = number("idle", values.idle);
    const steps = readStepSettings(values, process.env);
    const layerBytes = number("disk", values.disk);
    const containers = values.containers === "0" ? 0 : number("containers", values.containers);
    const refused = Promise.withResolvers<RefusedHandshake>();
    const stopped = Promise.withResolvers<void>();
    let signals = 0;
    const runner = await startRunner({
      server,
      token,
      ...(pool !== undefined && { pool }),
      data: resolve(values.data ?? "/var/lib/varve-runner"),
      capacity: number("capacity", values.capacity) ?? defaultCapacity(),
      labels: Object.fromEntries(values.label.map(splitKeyValue)),
      allow: values.allow.map(right),
      ...steps,
      ...(values.runtime !== undefined && { runtime: values.runtime as RuntimeName }),
      ...(layerBytes !== undefined && { layerBytes }),
      ...(containers !== undefined && { containers }),
      ...(idle !== undefined && { idleSeconds: idle, idle: () => stop() }),
      refused: refused.resolve,
    });
    for (const sentence of runner.shortcomings) process.stderr.write(`${sentence}\n`);
    const stop = () => {
      signals += 1;
      // The second signal exits at once.
      runner.close(signals > 1).then(stopped.resolve, stopped.reject);
    };
    process.on("SIGTERM", stop).on("SIGINT", stop).on("SIGHUP", stop);
    const answer = await Promise.race([stopped.promise, refused.promise]);
    process.off("SIGTERM", stop).off("SIGINT", stop).off("SIGHUP", stop);
    if (answer === undefined) return EXIT.ok;
    await runner.close(true);
    const { status, headers, body } = answer;
    throw new ServiceError(await readProblem(new Response(body || null, { status, headers })));
  },
);

function right(name: string): Entitlement {
  const known = entitlement.safeParse(name).data;
  if (known !== undefined) return known;
  throw new UsageError(
    `--allow must be one of ${entitlement.options.join(", ")}, not ${JSON.stringify(name)}`,
  );
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} ${JSON.stringify(text)} is not a whole number above 0`);
}
