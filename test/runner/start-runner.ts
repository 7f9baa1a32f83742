import { type RunnerOptions, startRunner } from "../../src/runner/runner.ts";

// Starts a runner. The only argument is its options as JSON.

const options = JSON.parse(process.argv[2] ?? "{}") as RunnerOptions;
try {
  const runner = await startRunner(options);
  process.once("SIGTERM", async () => {
    await runner.close();
    process.exit(0);
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
