import { join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";
import { diskStore } from "../../src/serve/objects/disk-store.ts";
import { serveObjects } from "../../src/serve/objects/serve-objects.ts";
import { bundleWorker } from "../../src/serve/worker-bundle.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { type Front, startFront } from "./front.ts";
import { type Limits, limitsWith } from "./limits.ts";
import type { Observed } from "./platform.ts";

/** Opens the lab to its tests, as the secret of a deployed Worker does. */
export const ADMIN_TOKEN = "the-admin-of-the-lab";
export const RUNNER_TOKEN = "the-runner-of-the-lab";

/** A deployed Worker, simulated as far as one machine allows. */
export interface Lab extends AsyncDisposable {
  /** URL of the front, to which clients connect. */
  url: string;
  /** Host as in names of images. */
  host: string;
  front: Front;
  limits: Limits;
  /** Makes a request as the admin, unless it has another credential. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a request to a separate isolate, as at another location. */
  fetchElsewhere(path: string, init?: RequestInit): Promise<Response>;
  observed(): Promise<Observed>;
  /** Ends the instance of a Durable Object; without a binding, of a build. */
  evict(name: string, binding?: string): Promise<void>;
  /** Permits that many more segments of large layers; calls for others wait. */
  stopAfterSegments(more: number): Promise<void>;
  /** Kills the runtime, and starts it again on the same state. */
  restart(): Promise<void>;
  /** The bucket without its limits, as the S3 interface of R2 reaches it. */
  bucket(): ReturnType<Miniflare["getR2Bucket"]>;
  /** URL of the isolate's inspector, for `LiveMemory`. Requires `hasInspector`. */
  inspector(): Promise<URL>;
  /** What the Worker has logged. */
  readonly logged: readonly string[];
}

/** The classes of Durable Objects by binding. */
const classes = {
  BUILDS: "Build",
  RUNNERS: "Runners",
  ACCESS: "Access",
  CACHE_MOUNTS: "CacheMount",
  COLLECTOR: "Collector",
  METRICS: "Metrics",
  LAYER_SEGMENTS: "LayerSegments",
};

interface LabOptions {
  hasInspector?: boolean;
  /** Requests without a credential are those of the admin, as on a local server. */
  isOpen?: boolean;
  /** Objects of the class `LayerSegments` run an older version, as in a gradual deployment. */
  hasOldSegments?: boolean;
  /**
   * Milliseconds of CPU of the runtime: measures each piece of work on large layers, one at a time. The bucket is then outside
   * of the runtime.
   */
  cpu?: () => Promise<number>;
}

/** Starts the Worker with strict bindings behind a strict front, on loopback. */
export async function startLab(
  changed: Partial<Limits> = {},
  variables: Record<string, string> = {},
  { hasInspector = false, isOpen = false, hasOldSegments = false, cpu }: LabOptions = {},
): Promise<Lab> {
  const objects = { ...classes, ...(hasOldSegments && { LAYER_SEGMENTS: "OldLayerSegments" }) };
  const temporary = temporaryFolder();
  const folder = temporary.path;
  const logged: string[] = [];
  let restarts = 0;
  const measured = cpu && (await serveLoopback(async (_, answer) => void answer.end(String(await cpu()))));
  const disk = cpu && diskStore(join(folder, "objects"));
  const outside = disk && (await serveLoopback(serveObjects(disk)));
  const texts = () => ({
    // A lab that starts again has other faults.
    EDGE_LIMITS: JSON.stringify({ ...changed, seed: limitsWith(changed).seed + restarts }),
    VARVE_ADMIN_TOKEN: ADMIN_TOKEN,
    VARVE_RUNNER_TOKEN: RUNNER_TOKEN,
    ...(measured && { EDGE_CPU: measured.origin }),
    ...variables,
  });
  const contents = await bundleWorker(join(import.meta.dirname, "lab-worker.ts"));
  const worker = (name: string, more: Record<string, { type: "worker"; worker: string }>) => ({
    config: {
      name,
      compatibilityDate: "2026-10-01",
      compatibilityFlags: ["nodejs_compat"],
      manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm" as const, contents } } },
      env: {
        BUCKET: { type: "r2" as const, name: "varve" },
        CACHE: { type: "kv" as const, id: "varve-cache" },
        ...(outside && {
          EDGE_OBJECTS: { type: "external" as const, address: new URL(outside.origin).host, http: {} },
          EDGE_FILES: { type: "disk" as const, path: disk.files, writable: false },
        }),
        ...Object.fromEntries(
          Object.entries(objects).map(([binding, exportName]) => [
            binding,
            { type: "durable-object" as const, worker: "lab", exportName },
          ]),
        ),
        ...Object.fromEntries(
          Object.entries(texts()).map(([key, value]) => [key, { type: "text" as const, value }]),
        ),
        ...more,
      },
      exports: Object.fromEntries(
        Object.values(objects).map((key) => [
          key,
          { type: "durable-object" as const, storage: "sqlite" as const },
        ]),
      ),
    },
  });
  const start = () =>
    new Miniflare({
      host: "127.0.0.1",
      port: 0,
      enableDevRegistry: false,
      cf: false,
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
      logRequests: false,
      ...(hasInspector && { inspectorPort: 0 }),
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ message }) => void logged.push(message),
      workers: [
        worker("lab", { ELSEWHERE: { type: "worker", worker: "elsewhere" } }),
        worker("elsewhere", {}),
      ],
    });
  let miniflare = start();
  let { origin } = await miniflare.ready;
  const authorization = `Bearer ${ADMIN_TOKEN}`;
  const front = await startFront(
    () => origin,
    limitsWith(changed).bodyBytes,
    isOpen ? authorization : undefined,
  );
  const ask = (path: string, { headers, ...init }: RequestInit = {}) =>
    fetch(`${front.url}${path}`, { ...init, headers: { authorization, ...headers } });
  return {
    url: front.url,
    host: new URL(front.url).host,
    front,
    limits: limitsWith(changed),
    logged,
    fetch: ask,
    fetchElsewhere: (path, { headers, ...init } = {}) =>
      ask(path, { ...init, headers: { "lab-elsewhere": "1", ...headers } }),
    inspector: () => miniflare.getInspectorURL(),
    observed: async () => (await ask("/_lab/observed")).json() as Promise<Observed>,
    async evict(name, binding = "BUILDS") {
      const query = new URLSearchParams({ binding, name });
      await (await ask(`/_lab/evict?${query}`)).body?.cancel();
    },
    async stopAfterSegments(more) {
      await (await ask(`/_lab/segments?more=${more}`)).body?.cancel();
    },
    async restart() {
      restarts += 1;
      await miniflare.dispose();
      miniflare = start();
      ({ origin } = await miniflare.ready);
    },
    bucket: () => miniflare.getR2Bucket("BUCKET", "lab"),
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await miniflare.dispose();
      await measured?.[Symbol.asyncDispose]();
      await outside?.[Symbol.asyncDispose]();
      disk?.close();
      temporary[Symbol.dispose]();
    },
  };
}
