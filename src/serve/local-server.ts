import { join } from "node:path";
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";
import type { LocalRunnerState } from "../../schemas/runner-list.ts";
import { makeFolder } from "../runner/files/make-folder.ts";
import { FRONT_SECRET } from "../store/front-protocol.ts";
import { dataInUse, isNoted, noteServer } from "./data-in-use.ts";
import { type FrontThread, startFront } from "./front/front-thread.ts";
import { endLeftoverRuntime } from "./leftover-runtime.ts";
import { type LayerServer, startLayerServer } from "./objects/layer-thread.ts";
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
  /** Notes the state of the runner of this machine, for `GET /v1/runners`. */
  reportRunner(state: LocalRunnerState): void;
  /** Stops the server. Its data stays. */
  close(): Promise<void>;
}

/**
 * Serves the Worker on loopback, with embedded KV and Durable Objects. This program's own HTTP server is in front of the
 * runtime and stores the objects, because the embedded R2 stores bytes at a fifth of the speed.
 * @throws {CommandError} when another server uses the data folder
 * @throws {Error} when the port is taken or the data folder cannot be made
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  // The databases in it contain the key that signs tokens.
  makeFolder(options.data, 0o700);
  const built = Promise.all([
    bundleWorker(),
    options.assets ?? copyPlayground(join(options.data, "playground")),
  ]);
  // Thrown where it is awaited.
  built.catch(() => {});
  const front = await startFront({
    folder: join(options.data, "objects"),
    port: options.port,
    adminToken: options.variables?.VARVE_ADMIN_TOKEN,
  }).catch(async (error: Error) => {
    throw error.name === "ObjectsInUseError" ? await dataInUse(options.data) : error;
  });
  const url = `http://localhost:${front.port}`;
  let layers: LayerServer | undefined;
  let miniflare: Miniflare | undefined;
  let forget = async () => {};
  const close = async () => {
    await front.disconnect();
    await miniflare?.dispose();
    await layers?.close();
    await forget();
    await front.close();
  };
  try {
    if (isNoted(options.data)) await endLeftoverRuntime(options.data);
    forget = await noteServer(options.data, url);
    layers = await startLayerServer(join(options.data, "objects"));
    const [worker, assets] = await built;
    miniflare = new Miniflare(configuration(worker, { ...options, assets }, front, layers));
    await miniflare.ready;
    await front.connect();
    return { url, reportRunner: front.reportRunner, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

function externalOf({ address, authorization }: Pick<LayerServer, "address" | "authorization">) {
  return {
    type: "external" as const,
    address,
    http: { injectRequestHeaders: [{ name: "authorization", value: authorization }] },
  };
}

/** What workerd itself says of a connection that failed; the Worker answers the client about it. */
const runtimeNoise = /^(e = |stack: )|sentryErrorContext/;

const compatibilityDate = "2026-10-01";

/** Paths that are not looked for among the static assets first. */
const workerRoutes = ["/v1/*", "/v2/*"];

/** Runs before the Worker and its files: lets requests of the front through, and no others. */
const doorWorker = `export default {
  fetch: (request, { SECRET, VARVE }) =>
    request.headers.get("${FRONT_SECRET}") === SECRET ? VARVE.fetch(request) : new Response("Forbidden\\n", { status: 403 }),
};`;

/** The bindings of `wrangler.toml`, embedded, and those to the programs around the runtime. A test compares the two. */
export function configuration(
  worker: string,
  options: Pick<LocalServerOptions, "data" | "variables" | "assets">,
  { objects, secret, socket, connect }: Pick<FrontThread, "objects" | "secret" | "socket" | "connect">,
  layers: Pick<LayerServer, "address" | "authorization">,
): MiniflareOptions {
  const variables = { VARVE_LOCAL: "1", ...options.variables, VARVE_FRONT_SECRET: secret };
  return {
    host: "127.0.0.1",
    port: 0,
    // With a registry, miniflare opens a port of the runtime on which any process can call every Durable Object.
    enableDevRegistry: false,
    // Facts about the client, as Cloudflare adds them; otherwise miniflare would fetch some from Cloudflare.
    cf: false,
    unsafeHandleRuntimeRestart: connect,
    resourcePersistencePath: options.data,
    telemetry: { enabled: false },
    logRequests: false,
    log: new Log(LogLevel.ERROR),
    handleStructuredLogs({ level, message }) {
      if (level === "info" && options.variables?.VARVE_LOG === "1") console.log(message);
      if (level === "error" && !runtimeNoise.test(message)) console.error(message);
    },
    workers: [
      {
        // Miniflare also opens a port. This Worker is the first, so it is behind both.
        dev: { unsafeDirectSockets: [{ host: `unix:${socket}`, port: 0 }] },
        config: {
          name: "door",
          compatibilityDate,
          manifest: {
            mainModule: "index.js",
            modules: { "index.js": { type: "esm", contents: doorWorker } },
          },
          env: { SECRET: { type: "text", value: secret }, VARVE: { type: "worker", worker: "varve" } },
        },
      },
      {
        config: {
          name: "varve",
          compatibilityDate,
          compatibilityFlags: ["nodejs_compat"],
          manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents: worker } } },
          env: {
            BUCKET: { type: "r2", name: "varve" },
            OBJECTS: externalOf(objects),
            LAYERS: externalOf(layers),
            FILES: { type: "disk", path: objects.files, writable: false },
            CACHE: { type: "kv", id: "varve-cache" },
            BUILDS: { type: "durable-object", worker: "varve", exportName: "Build" },
            RUNNERS: { type: "durable-object", worker: "varve", exportName: "Runners" },
            ACCESS: { type: "durable-object", worker: "varve", exportName: "Access" },
            CACHE_MOUNTS: { type: "durable-object", worker: "varve", exportName: "CacheMount" },
            METRICS: { type: "durable-object", worker: "varve", exportName: "Metrics" },
            COLLECTOR: { type: "durable-object", worker: "varve", exportName: "Collector" },
            LAYER_SEGMENTS: { type: "durable-object", worker: "varve", exportName: "LayerSegments" },
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
            Metrics: { type: "durable-object", storage: "sqlite" },
            Collector: { type: "durable-object", storage: "sqlite" },
            LayerSegments: { type: "durable-object", storage: "sqlite" },
          },
        },
      },
    ],
  };
}
