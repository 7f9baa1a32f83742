import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import type { ScrubReport } from "../../../schemas/scrub.ts";
import { buildBusybox } from "../../attack/build.ts";
import { spawnRunner } from "../../helpers/spawn-runner.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { ADMIN_TOKEN, RUNNER_TOKEN, startLab } from "../lab.ts";
import { randomFrom } from "../limits.ts";
import { AcknowledgedImages } from "./acknowledged.ts";
import { type Actor, builder, pruner, puller, pusher, runBuilder, type World } from "./actors.ts";
import { SoakClient } from "./client.ts";
import { type Disturbances, disturb } from "./disturbances.ts";

// `npm run soak -- --minutes N`: uses a lab for N minutes while it is disturbed, then pulls all acknowledged images.

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    /** Mean seconds between two restarts. */
    restarts: { type: "string", default: "120" },
    faults: { type: "string", default: "0.03" },
    /** Seconds between two rounds of an actor: less load. */
    pause: { type: "string", default: "0" },
    /** File of the output of the runner and of what the Worker logs. */
    log: { type: "string" },
  },
});
const [seed, minutes] = [Number(values.seed), Number(values.minutes)];
const random = randomFrom(seed);
const began = Date.now();
const clock = () => `${((Date.now() - began) / 60_000).toFixed(1).padStart(5)} min`;

await using lab = await startLab({ seed, r2Faults: Number(values.faults) });
using data = temporaryFolder();
const client = new SoakClient(lab, () => random() < 0.2);
const images = new AcknowledgedImages();
const world: World = { lab, client, images, random };
const rounds = new Map<string, number>();
const findings: string[] = [];
const output = values.log === undefined ? "ignore" : openSync(values.log, "a");

let linesWritten = 0;

/** Appends what the Worker has logged since the last call, and a text. */
function writeLog(text: string): void {
  if (typeof output !== "number") return;
  const lines = lab.logged.slice(linesWritten);
  linesWritten += lines.length;
  writeSync(output, `${[...lines, `${clock()}  ${text}`].join("\n")}\n`);
}

function report(text: string): void {
  findings.push(text);
  writeLog(`FOUND ${text}`);
  console.log(`${clock()}  FOUND ${text}`);
}

/** Runs an actor until the signal. What it finds is reported, and it continues with the next round. */
async function act(name: string, actor: Actor, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    try {
      await actor(world, round);
      rounds.set(name, round + 1);
    } catch (error) {
      report(`${name}, round ${round}: ${(error as Error).message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, Number(values.pause) * 1000));
  }
}

/** A runner that starts again when it ends, as a service of the machine does. */
function startRunner(signal: AbortSignal): { ended: Promise<void> } {
  let child: ChildProcess | undefined;
  signal.addEventListener("abort", () => void child?.kill("SIGTERM"));
  const run = async () => {
    while (!signal.aborted) {
      child = spawnRunner(lab.url, {
        data: data.path,
        token: RUNNER_TOKEN,
        flags: ["--capacity", "2"],
        stdio: ["ignore", output, output],
      });
      await once(child, "exit");
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  };
  return { ended: run() };
}

/** Verifies every stored object. */
async function scrub(): Promise<{ objects: number; faults: ScrubReport["faults"] }> {
  let objects = 0;
  const faults: ScrubReport["faults"] = [];
  let after: string | undefined = "";
  while (after !== undefined) {
    const { text } = await client.ask(`/v1/scrub?after=${encodeURIComponent(after)}`, { method: "POST" });
    const found = JSON.parse(text) as ScrubReport;
    objects += found.objects;
    faults.push(...found.faults);
    after = found.next;
  }
  return { objects, faults };
}

const [stopRunner, stop] = [new AbortController(), new AbortController()];
const runner = startRunner(stopRunner.signal);
try {
  await buildBusybox(lab.url, { authorization: `Bearer ${ADMIN_TOKEN}` });
  const actors: Record<string, Actor> = {
    "build-1": builder("build-1"),
    "build-2": builder("build-2"),
    "build-3": builder("build-3"),
    "run-1": runBuilder("run-1"),
    "run-2": runBuilder("run-2"),
    "push-1": pusher("push-1"),
    "push-2": pusher("push-2"),
    "pull-1": puller,
    "pull-2": puller,
    prune: pruner,
  };
  const disturbances: Disturbances = { restarts: 0, evictions: 0, longestRestart: 0 };
  setTimeout(() => stop.abort(), minutes * 60_000);
  const status = setInterval(() => {
    const done = [...rounds].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(`${clock()}  ${done}; ${JSON.stringify(disturbances)}`);
    writeLog(done);
  }, 60_000);
  await Promise.all([
    disturb(world, disturbances, Number(values.restarts), stop.signal),
    ...Object.entries(actors).map(([name, actor]) => act(name, actor, stop.signal)),
  ]);
  clearInterval(status);

  await lab.restart();
  for (const reference of images.references) {
    const expected = images.get(reference);
    if (expected === undefined) continue;
    await client.pull(reference, expected).catch((error: Error) => report(`at the end: ${error.message}`));
  }
  const scrubbed = await scrub();
  for (const { key, problem } of scrubbed.faults) report(`scrub: ${key}: ${problem}`);
  const faults = lab.logged.filter((line) => line.includes('"event":"fault"'));
  for (const line of new Set(faults.map((fault) => fault.slice(0, 1500))))
    console.log(`logged fault: ${line}`);
  const { kvBusy, kvStale, r2Busy, r2Faults, r2Unreported } = await lab.observed();
  console.log(
    JSON.stringify({
      minutes: Math.round((Date.now() - began) / 6000) / 10,
      seed,
      rounds: Object.fromEntries(rounds),
      requests: client.requests,
      repeated: Object.fromEntries(client.repeated),
      ...disturbances,
      sinceLastRestart: { kvBusy, kvStale, r2Busy, r2Faults, r2Unreported },
      pulledAtTheEnd: images.references.length,
      rehashedObjects: scrubbed.objects,
      loggedFaults: faults.length,
      findings: findings.length,
    }),
  );
} finally {
  stopRunner.abort();
  await runner.ended;
}
if (findings.length > 0) process.exitCode = 1;
