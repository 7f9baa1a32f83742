import { copyFile, cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildEvent } from "../../../schemas/events.ts";
import type { PlanResult } from "../../../schemas/plan.ts";
import { criticalPath } from "../../../src/progress/critical-path.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { ControlGroup } from "../machine/control-group.ts";
import { run } from "../machine/program.ts";
import { quiet } from "../machine/quiet.ts";
import type { StepAccess } from "../network/proxy.ts";
import { dependencies } from "../report/plan-graph.ts";
import type { Builder, BuildOptions, Measurement, RunTime } from "./builder.ts";
import { ownConnection, pullManifest } from "./manifest.ts";
import { startRunner, watchRunners } from "./runners.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";

const root = join(import.meta.dirname, "../../..");
/** Default name of the image. */
const IMAGE = "bench";

export interface VarveOptions extends Pick<ServerOptions, "hub"> {
  /** Program of the installed command. */
  command: string;
  access?: StepAccess;
  /** The server counts the operations on its stores. */
  isCounted?: boolean;
  /** Folder for CPU profiles of the server, its runner and the Worker; the command has none. */
  profile?: string;
  /** Number of runners, each of which executes one step at a time, instead of the server's runner. */
  runners?: number;
  /** The command executes steps instead of the server's runner. */
  executes?: boolean;
}

/**
 * Installs the packed command (`npm pack`) into a folder, so that later changes of the repository do not affect it.
 * @returns path of its program
 */
export async function installCommand(folder: string): Promise<string> {
  await run(process.execPath, [join(root, "src/cli/package/build.ts")]);
  await cp(join(root, "dist/cli"), join(folder, "dist/cli"), { recursive: true });
  await copyFile(join(root, "package.json"), join(folder, "package.json"));
  return join(folder, "dist/cli/varve.js");
}

/** `varve build`, as it is installed, with an empty cache folder, and a server with an empty state. */
export async function startVarveCommand(options: VarveOptions): Promise<Builder> {
  const { access, executes = false } = options;
  return startVarve(
    "varve build",
    options,
    async (client, { url }, folder, { image = IMAGE, noCache, args = {}, secrets = {} }) => {
      const metadata = join(client.folder, `${image}.json`);
      // The command executes steps with secrets itself. An allowed port makes it execute all steps.
      const executesSteps = executes || Object.keys(secrets).length > 0;
      await run(
        process.execPath,
        [
          ...[options.command, "build", "--quiet", "--server", url, "--tag", `${image}:1`],
          ...["--metadata-file", metadata],
          ...(executes ? ["--runner", "local"] : []),
          ...(noCache ? ["--no-cache"] : []),
          ...Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
          ...Object.entries(secrets).flatMap(([id, file]) => ["--secret", `id=${id},src=${file}`]),
          folder,
        ],
        {
          group: client.group,
          env: { XDG_CACHE_HOME: join(client.folder, "cache"), CI: "", ...(executesSteps && access?.env) },
        },
      );
      return async () => {
        const text = await readFile(metadata, "utf8");
        return (JSON.parse(text) as { "buildx.build.ref": string })["buildx.build.ref"];
      };
    },
  );
}

/** A tar sent by curl, and a server with an empty state. */
export async function startTarAndCurl(options: Omit<VarveOptions, "command">): Promise<Builder> {
  return startVarve(
    "tar | curl",
    options,
    async (client, { url }, folder, { image = IMAGE, noCache, args = {} }) => {
      const headers = join(client.folder, "headers");
      const query = new URLSearchParams({ t: `${image}:1`, ...(noCache && { nocache: "1" }) });
      if (Object.keys(args).length > 0) query.set("buildargs", JSON.stringify(args));
      const script = [
        'tar --create --file - --directory "$1" .',
        'curl --silent --show-error --fail-with-body --dump-header "$3" --request POST --upload-file - "$2" >&2',
      ].join(" | ");
      await run("bash", ["-o", "pipefail", "-c", script, "-", folder, `${url}/v1/builds?${query}`, headers], {
        group: client.group,
      });
      return async () => /^varve-build: *(\S+)/im.exec(await readFile(headers, "utf8"))?.[1] ?? "";
    },
  );
}

interface Client {
  group: ControlGroup;
  /** Folder for temporary files. */
  folder: string;
}

/** Builds the context of a folder; the result gives the id of the build. */
type Send = (
  client: Client,
  server: Server,
  folder: string,
  options: BuildOptions,
) => Promise<() => Promise<string>>;

let started = 0;

async function startVarve(
  name: Builder["name"],
  { access, hub, runners = 0, executes = false, isCounted = false, profile }: Omit<VarveOptions, "command">,
  send: Send,
): Promise<Builder> {
  started += 1;
  await using parts = new AsyncDisposableStack();
  const env = {
    ...access?.env,
    ...((runners > 0 || executes) && { BENCH_RUNNER: "0" }),
    ...(isCounted && { BENCH_COUNTED: "1" }),
    ...(profile !== undefined && {
      BENCH_PROFILE: profile,
      NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}`,
    }),
  };
  const isOwn = runners > 0 || executes || isCounted || profile !== undefined;
  const program = isOwn ? "test/bench/builders/bench-server.ts" : undefined;
  const server = parts.use(
    await startServer({ env, ...(hub !== undefined && { hub }), ...(program !== undefined && { program }) }),
  );
  for (let number = 0; number < runners; number += 1) parts.use(await startRunner(server, number, env));
  const folder = parts.use(temporaryFolder()).path;
  const group = parts.use(new ControlGroup(`varve-bench-${process.pid}-client-${started}`));
  const stop = parts.move();
  const atStart = server.group.seconds();
  return {
    name,
    access,
    async build(context, build = {}) {
      const [cpu, client, before] = [server.group.seconds(), group.seconds(), server.traffic()];
      const wall = Date.now();
      const begun = performance.now();
      const watch = runners > 0 ? watchRunners(server.url) : undefined;
      const idOf = await send({ group, folder }, server, context, build);
      const digest = await pullManifest(`${server.url}/v2/${build.image ?? IMAGE}/manifests/1`);
      const seconds = (performance.now() - begun) / 1000;
      const used = await watch?.();
      // A profiler is never quiet.
      await quiet([server.group], profile === undefined ? undefined : 5000);
      const [serverCpu, clientCpu, after] = [server.group.seconds(), group.seconds(), server.traffic()];
      return {
        seconds,
        digest,
        serverCpu: serverCpu - cpu,
        clientCpu: clientCpu - client,
        traffic: { received: after.received - before.received, sent: after.sent - before.sent },
        ...(await timesOf(server.url, await idOf(), wall, context, build)),
        ...(used && { runners: used }),
      };
    },
    async use() {
      const operations = isCounted ? await getJson(`${server.url}/v1/bench/operations`) : {};
      return {
        serverCpu: server.group.seconds() - atStart,
        clientCpu: group.seconds(),
        peakMemory: await server.peakMemory(),
        operations: operations as Record<string, number>,
      };
    },
    [Symbol.asyncDispose]: () => stop[Symbol.asyncDispose](),
  };
}

/** Reads the times of a build and of the plan of its Dockerfile from the server. */
async function timesOf(
  url: string,
  id: string,
  began: number,
  context: string,
  { image = IMAGE, args = {} }: BuildOptions,
): Promise<Pick<Measurement, "runs" | "path" | "before">> {
  const record = (await getJson(`${url}/v1/builds/${id}`)) as { started: string };
  const events = await eventsOf(url, id);
  const names = new Map(
    events.flatMap((event) => (event.type === "plan" ? event.steps.map((step) => [step.id, step.name]) : [])),
  );
  const processes = new Map<string, number>();
  const runs: RunTime[] = [];
  for (const event of events) {
    if (event.type !== "step.done" || event.processMilliseconds === undefined) continue;
    const processSeconds = event.processMilliseconds / 1000;
    processes.set(event.step, processSeconds);
    runs.push({
      name: names.get(event.step) ?? event.step,
      seconds: event.milliseconds / 1000,
      processSeconds,
    });
  }
  const dockerfile = await readFile(join(context, "Dockerfile"), "utf8");
  const plan = (await getJson(`${url}/v1/plan?t=${image}`, {
    dockerfile,
    options: { buildArgs: args },
  })) as PlanResult;
  const graph = plan.platforms.map(dependencies);
  const path = Math.max(
    0,
    ...graph.map(
      (inputsOf) =>
        criticalPath(
          [...inputsOf].map(([step, inputs]) => ({ id: step, inputs, duration: processes.get(step) ?? 0 })),
        ).duration,
    ),
  );
  return { runs, path, before: (Date.parse(record.started) - began) / 1000 };
}

async function eventsOf(url: string, id: string): Promise<BuildEvent[]> {
  const answer = await fetch(`${url}/v1/builds/${id}/events`, {
    headers: { accept: "application/x-ndjson", ...ownConnection },
  });
  if (!answer.ok) throw new Error(`Cannot read the events of build ${id}: status ${answer.status}`);
  const lines = (await answer.text()).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as BuildEvent);
}

async function getJson(url: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    headers: { ...ownConnection, ...(body && { "content-type": "application/json" }) },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`Cannot read ${url}: status ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
