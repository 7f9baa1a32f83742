import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";
import { readStepSettings } from "../../../src/command/flags/step-flags.ts";
import { startFront } from "../../../src/serve/front/front-thread.ts";
import { startLocalRunner } from "../../../src/serve/local-runner.ts";
import { configuration } from "../../../src/serve/local-server.ts";
import { startLayerServer } from "../../../src/serve/objects/layer-thread.ts";
import { bundleWorker } from "../../../src/serve/worker-bundle.ts";
import { startProfiler } from "./profiler.ts";

// A program: the server of `npm start`, which counts the operations on its stores (`GET /v1/bench/operations`) when
// BENCH_COUNTED is 1, has no runner when BENCH_RUNNER is 0, and writes a CPU profile of the Worker into the folder
// BENCH_PROFILE when it ends.

const data = process.env.VARVE_DATA ?? "";
const isCounted = process.env.BENCH_COUNTED === "1";
const entry = isCounted ? "counting-worker.ts" : "../../../src/worker/index.ts";
const objects = join(data, "objects");
const front = await startFront({ folder: objects, port: Number(process.env.PORT) });
const [worker, layers] = await Promise.all([
  bundleWorker(join(import.meta.dirname, entry)),
  startLayerServer(objects),
]);
const variables = { VARVE_MIRRORS: process.env.VARVE_MIRRORS ?? "{}", VARVE_RUNNER_TOKEN: "" };
const folder = process.env.BENCH_PROFILE;
const miniflare = new Miniflare({
  ...configuration(worker, { data, variables }, front, layers),
  log: new Log(LogLevel.ERROR),
  ...(folder && { inspectorPort: 0 }),
});
await miniflare.ready;
await front.connect();
const profiler = folder ? await startProfiler(await miniflare.getInspectorURL(), "varve") : undefined;
const url = `http://localhost:${front.port}`;
const runner =
  process.env.BENCH_RUNNER === "0"
    ? undefined
    : await startLocalRunner({
        server: url,
        token: "",
        data: join(data, "runner"),
        steps: readStepSettings({}, process.env),
      });
console.log(`varve is ready at ${url}`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The runtime's own listener would end the process before the server is closed.
  process.removeAllListeners(signal).once(signal, async () => {
    await runner?.close();
    if (profiler !== undefined) {
      await writeFile(join(folder ?? "", `workerd-${process.pid}.cpuprofile`), await profiler.stop());
    }
    await front.disconnect();
    await miniflare.dispose();
    await layers.close();
    await front.close();
    process.exit(0);
  });
}
