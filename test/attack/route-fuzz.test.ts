import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange, type RawAnswer } from "./exchange.ts";
import { isOfJob, requestsOf, type Sender } from "./hostile-requests.ts";
import { textsOf } from "./hostile-values.ts";
import { type Route, routes, schemas } from "./routes.ts";
import { valuesOf } from "./schema-values.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import { emptyRegistry, type HeldJob, holdJob, leaseOf, storeThings } from "./stored-things.ts";

/** The same seed makes the same requests. `VARVE_FUZZ_SEED=$RANDOM npm run attack` makes others. */
const seed = Number(process.env.VARVE_FUZZ_SEED || 1);
/** Requests of one route. */
const numRuns = Number(process.env.VARVE_FUZZ_REQUESTS || 60);

const admin = "admin-token-of-the-fuzzed-server";
const runnerToken = "runner-token-of-the-fuzzed-server";
const authorization = `Bearer ${admin}`;

let server: RunningServer;
let registry: Awaited<ReturnType<typeof emptyRegistry>>;
let held: HeldJob | undefined;

beforeAll(async () => {
  console.log(`Seed of the requests: ${seed}`);
  registry = await emptyRegistry();
  server = await startServer({
    VARVE_ADMIN_TOKEN: admin,
    VARVE_RUNNER_TOKEN: runnerToken,
    VARVE_RUNNER_WAIT: "1",
    VARVE_MIRRORS: JSON.stringify({ "docker.io": registry.origin }),
  });
}, 120_000);

afterAll(async () => {
  held?.socket.close();
  await server?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

/** Some requests remove stored objects, so they are stored again for each route. */
async function senderTo(route: Route): Promise<Sender> {
  const { things, samples } = await storeThings(server.url, authorization);
  if (!isOfJob(route)) return { things, samples, authorization };
  held?.socket.close();
  held = await holdJob(server.url, authorization, runnerToken);
  const { id, token, task } = held.job;
  const mounts = task.kind === "run" ? task.mounts : [];
  const [key = ""] = mounts.flatMap((mount) => (mount.type === "cache" ? mount.key : []));
  const credential = route.path.includes("{key}/") ? await leaseOf(server.url, held.job, key) : token;
  return {
    things: { ...things, id: [id], key: [key], pack: [crypto.randomUUID()] },
    samples,
    authorization: `Bearer ${credential}`,
  };
}

/** Expected failures: the server lacks something that the request needs. */
function isFault({ status, text }: RawAnswer): boolean {
  if (status < 500) return false;
  if (status === 501) return !/is not supported|run-unsupported/.test(text);
  return !(status === 503 && /"runner-missing"/.test(text));
}

test("no message of a runner makes the server fail", { timeout: 120_000 }, async () => {
  const { things } = await storeThings(server.url, authorization);
  const { job, socket } = await holdJob(server.url, authorization, runnerToken);
  const texts = textsOf([...Object.values(things).flat(), job.id]);
  const logged = server.process.stderr.length;
  const messages = valuesOf(schemas.fromRunner ?? {}, schemas, texts);
  for (const message of fc.sample(messages, { seed, numRuns: 500 })) {
    if (socket.readyState !== WebSocket.OPEN) break;
    socket.send(JSON.stringify(message) ?? "");
  }
  socket.close();
  const runners = await fetch(`${server.url}/v1/runners`, { headers: { authorization } });
  expect(runners.status).toBe(200);
  expect(server.process.stderr.slice(logged)).toBe("");
});

describe("no request makes the server fail", () => {
  test.for(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s",
    { timeout: 600_000 },
    async ([, route]) => {
      const sender = await senderTo(route);
      await fc.assert(
        fc.asyncProperty(requestsOf(route, sender), async (request) => {
          const logged = server.process.stderr.length;
          const answer = await exchange(server.url, request);
          const log = () => server.process.stderr.slice(logged, logged + 2000);
          if (isFault(answer)) throw new Error(`${answer.status} ${answer.text}\n${log()}`);
        }),
        { seed, numRuns, interruptAfterTimeLimit: 300_000, markInterruptAsFailure: false },
      );
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    },
  );
});
