import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";
import { type LocalPrograms, startPrograms } from "./objects/local-programs.ts";
import type { ThreadServer } from "./objects/served-thread.ts";
import { copyPlayground } from "./playground-assets.ts";
import { bundleWorker } from "./worker-bundle.ts";

/** Settings of a server on this machine. */
export interface LocalServerOptions {
  /** 0 takes any free port. */
  port: number;
  /** Folder that keeps objects, KV and Durable Objects between runs. */
  data: string;
  /** Text bindings, as `VARVE_MIRRORS`. */
  variables?: Record<string, string>;
  /** Folder of static assets. Default: the playground, which is built when it is not there. */
  assets?: string;
}

export interface LocalServer {
  /** As `http://localhost:8787`. */
  url: string;
  /** Stops the server; what it stored stays. */
  close(): Promise<void>;
}

/**
 * Serves the Worker on this machine, on loopback only, with KV and Durable Objects embedded. Objects are kept by this
 * process, not by the embedded R2: that one takes bytes at a fifth of the speed.
 * @throws {Error} when the port is taken or the data folder cannot be made
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  await mkdir(options.data, { recursive: true });
  const [worker, assets, programs] = await Promise.all([
    bundleWorker(),
    options.assets ?? copyPlayground(join(options.data, "playground")),
    startPrograms(join(options.data, "objects")),
  ]);
  const miniflare = new Miniflare(configuration(worker, { ...options, assets }, programs));
  const close = async () => {
    await miniflare.dispose();
    await programs.close();
  };
  try {
    const { port } = await miniflare.ready;
    return { url: `http://localhost:${port}`, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function externalOf({ address, authorization }: Pick<ThreadServer, "address" | "authorization">) {
  return {
    type: "external" as const,
    address,
    http: { injectRequestHeaders: [{ name: "authorization", value: authorization }] },
  };
}

/** What workerd itself says of a connection that failed; the Worker answers the client about it. */
const runtimeNoise = /^(e = |stack: )|sentryErrorContext/;

/** Paths that are not looked for among the static assets first. */
const workerRoutes = ["/v1/*", "/v2/*"];

/** The bindings of `wrangler.toml`, embedded, and those to the programs. A test compares the two. */
export function configuration(
  worker: string,
  options: LocalServerOptions,
  { objects, layers, files }: Omit<LocalPrograms, "close">,
): MiniflareOptions {
  const variables = { VARVE_LOCAL: "1", ...options.variables };
  return {
    host: "127.0.0.1",
    port: options.port,
    resourcePersistencePath: options.data,
    telemetry: { enabled: false },
    logRequests: false,
    log: new Log(LogLevel.ERROR),
    handleStructuredLogs({ level, message }) {
      if (level === "error" && !runtimeNoise.test(message)) console.error(message);
    },
    workers: [
      {
        config: {
          name: "varve",
          compatibilityDate: "2026-10-01",
          compatibilityFlags: ["nodejs_compat"],
          manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: worker } } },
          env: {
            BUCKET: { type: "r2", name: "varve" },
            OBJECTS: externalOf(objects),
            LAYERS: externalOf(layers),
            FILES: { type: "disk", path: files, writable: false },
            CACHE: { type: "kv", id: "varve-cache" },
            BUILDS: { type: "durable-object", worker: "varve", exportName: "Build" },
            RUNNERS: { type: "durable-object", worker: "varve", exportName: "Runners" },
            ACCESS: { type: "durable-object", worker: "varve", exportName: "Access" },
            CACHE_MOUNTS: { type: "durable-object", worker: "varve", exportName: "CacheMount" },
            COLLECTOR: { type: "durable-object", worker: "varve", exportName: "Collector" },
            ...Object.fromEntries(
              Object.entries(variables).map(([name, value]) => [name, { type: "text" as const, value }]),
            ),
          },
          ...(options.assets && {
            assets: { directory: options.assets, hasUserWorker: true, runWorkerFirst: workerRoutes },
          }),
          exports: {
            Build: { type: "durable-object", storage: "sqlite" },
            Runners: { type: "durable-object", storage: "sqlite" },
            Access: { type: "durable-object", storage: "sqlite" },
            CacheMount: { type: "durable-object", storage: "sqlite" },
            Collector: { type: "durable-object", storage: "sqlite" },
          },
        },
      },
    ],
  };
}
