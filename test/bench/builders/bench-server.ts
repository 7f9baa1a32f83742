import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { Log, LogLevel, Miniflare } from "miniflare";
import { startLocalRunner } from "../../../src/cli/local-runner.ts";
import { configuration } from "../../../src/cli/local-server.ts";
import { startObjectServer } from "../../../src/cli/objects/object-thread.ts";
import { startProfiler } from "./profiler.ts";

// A program: the server of `npm start`, which counts the operations on its stores (`GET /v1/bench/operations`) when
// BENCH_COUNTED is 1, has no runner when BENCH_RUNNER is 0, and writes a CPU profile of the Worker into the folder
// BENCH_PROFILE when it ends.

const data = process.env.VARVE_DATA ?? "";
const isCounted = process.env.BENCH_COUNTED === "1";
const entry = isCounted ? "counting-worker.ts" : "../../../src/worker/index.ts";
const [{ outputFiles }, objects] = await Promise.all([
  // As src/cli/worker-bundle.ts does it, of another entry.
  build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "silent",
  }),
  startObjectServer(join(data, "objects")),
]);
const worker = outputFiles[0]?.text ?? "";
const variables = { VARVE_MIRRORS: process.env.VARVE_MIRRORS ?? "{}", VARVE_RUNNER_TOKEN: "" };
const folder = process.env.BENCH_PROFILE;
const miniflare = new Miniflare({
  ...configuration(worker, { port: Number(process.env.PORT), data, variables }, objects),
  log: new Log(LogLevel.ERROR),
  ...(folder && { inspectorPort: 0 }),
});
const { port } = await miniflare.ready;
const profiler = folder ? await startProfiler(await miniflare.getInspectorURL()) : undefined;
const url = `http://localhost:${port}`;
const runner =
  process.env.BENCH_RUNNER === "0"
    ? undefined
    : await startLocalRunner({ server: url, token: "", data: join(data, "runner") });
console.log(`varve is ready at ${url}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The runtime's own listener would end the process before the server is closed.
  process.removeAllListeners(signal).once(signal, async () => {
    await runner?.close();
    if (profiler !== undefined) {
      await writeFile(join(folder ?? "", `workerd-${process.pid}.cpuprofile`), await profiler.stop());
    }
    await miniflare.dispose();
    await objects.close();
    process.exit(0);
  });
}
