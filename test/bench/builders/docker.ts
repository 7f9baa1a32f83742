import { criticalPath } from "../../../src/progress/critical-path.ts";
import type { DebianRegistry } from "../../registry/debian-registry.ts";
import { ControlGroup } from "../machine/control-group.ts";
import { ProgramError } from "../machine/program.ts";
import { quiet } from "../machine/quiet.ts";
import type { CachingProxy } from "../network/proxy.ts";
import { stepAccess } from "../network/proxy.ts";
import type { Builder, BuildOptions, Measurement, RunTime } from "./builder.ts";
import type { Daemon } from "./daemon.ts";
import { pullManifest } from "./manifest.ts";

interface DockerOptions {
  daemon: Daemon;
  /** The registry to push images to. It has the base images under `library/`. */
  registry: DebianRegistry;
  /** Names of base images that the registry has. */
  bases?: readonly string[];
  proxy?: CachingProxy;
}

let started = 0;

/**
 * `docker build` and `docker push` with a daemon that has neither images nor a build cache. The first build has
 * `--no-cache`. Each builder pushes into a separate repository, so no layer exists there.
 */
export async function startDocker({ daemon, registry, bases = [], proxy }: DockerOptions): Promise<Builder> {
  await daemon.prune();
  started += 1;
  const repository = `bench-${started}`;
  const client = new ControlGroup(`varve-bench-${process.pid}-docker-${started}`);
  const docker = (...args: string[]) => daemon.docker(args, client);
  const access = proxy && stepAccess("docker", proxy, daemon.gateway);
  const contexts = bases.flatMap((base) => [
    "--build-context",
    `${base}=docker-image://${registry.host}/library/${base}`,
  ]);
  let builds = 0;
  const atStart = daemon.group.seconds();
  return {
    name: "docker",
    access,
    async build(
      folder,
      { image = "image", noCache, push = true, args = {}, secrets = {} }: BuildOptions = {},
    ) {
      const name = `${registry.host}/${repository}/${image}:1`;
      const isCold = builds === 0 || noCache;
      builds += 1;
      const flags = [
        ...(isCold ? ["--no-cache"] : []),
        ...contexts,
        ...Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
        ...Object.entries(secrets).flatMap(([id, file]) => ["--secret", `id=${id},src=${file}`]),
      ];
      const [server, command] = [daemon.group.seconds(), client.seconds()];
      const begun = performance.now();
      const build = ["buildx", "build", "--progress=rawjson", ...flags, "--tag", name, folder];
      const { stderr } = await docker(...build).catch(explain);
      if (push) {
        await docker("push", "--quiet", name);
        await pullManifest(`${registry.url}/v2/${repository}/${image}/manifests/1`);
      }
      const seconds = (performance.now() - begun) / 1000;
      await quiet([daemon.group]);
      return {
        seconds,
        serverCpu: daemon.group.seconds() - server,
        clientCpu: client.seconds() - command,
        ...timesOf(stderr),
      };
    },
    async use() {
      return { serverCpu: daemon.group.seconds() - atStart, clientCpu: client.seconds() };
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
    },
  };
}

/** A vertex in `--progress=rawjson`. Later lines about the same vertex add fields. */
interface RawVertex {
  digest: string;
  name: string;
  inputs?: string[];
  started?: string;
  completed?: string;
  cached?: boolean;
}

/** Rethrows the failure of a build with what its steps printed. */
function explain(error: unknown): never {
  if (!(error instanceof ProgramError)) throw error;
  const { stderr } = error.output;
  const logs = linesOf(stderr).flatMap(({ logs = [] }) => logs);
  const text = logs.map(({ data }) => Buffer.from(data, "base64").toString()).join("");
  throw new Error(`docker build failed: ${text.slice(-2000)}\n${/^ERROR: .*/ms.exec(stderr)?.[0] ?? ""}`);
}

/** The RUN steps that executed. */
function timesOf(progress: string): Pick<Measurement, "runs" | "path"> {
  const vertices = new Map<string, RawVertex>();
  for (const { vertexes = [] } of linesOf(progress)) {
    for (const vertex of vertexes) vertices.set(vertex.digest, { ...vertices.get(vertex.digest), ...vertex });
  }
  const secondsOf = ({ name, started, completed, cached }: RawVertex) =>
    isRun(name) && !cached && started !== undefined && completed !== undefined
      ? (Date.parse(completed) - Date.parse(started)) / 1000
      : 0;
  const all = [...vertices.values()];
  const runs = all.flatMap((vertex): RunTime[] => {
    const seconds = secondsOf(vertex);
    return seconds === 0 ? [] : [{ name: vertex.name, seconds, processSeconds: seconds }];
  });
  const path = criticalPath(
    all.map((vertex) => ({ id: vertex.digest, inputs: vertex.inputs ?? [], duration: secondsOf(vertex) })),
  ).duration;
  return { runs, path };
}

/** One object of `--progress=rawjson`. */
interface RawStatus {
  vertexes?: RawVertex[];
  /** Texts in base64. */
  logs?: { data: string }[];
}

/** Lines that are not JSON, such as warnings of the command, are skipped. */
function linesOf(progress: string): RawStatus[] {
  return progress.split(/\n(?=\{)/).flatMap((text) => {
    try {
      return [JSON.parse(text) as RawStatus];
    } catch {
      return [];
    }
  });
}

/** Whether a name as `[build 2/4] RUN make` is that of a RUN. */
function isRun(name: string): boolean {
  return /^\[[^\]]*\] RUN /.test(name);
}
