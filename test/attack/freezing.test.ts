import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archives } from "./freezing/archives.ts";
import { dockerfiles } from "./freezing/dockerfiles.ts";
import type { FreezingInput, FreezingInputs } from "./freezing/input.ts";
import { json } from "./freezing/json.ts";
import { registry } from "./freezing/registry.ts";
import { requests } from "./freezing/requests.ts";
import { type Pulse, pulseWhile } from "./pulse.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// Inputs that have blocked the server, or could. While it processes one, it must answer a second client at once.

/** Milliseconds within which the second client is answered, besides those that the idle server takes on this machine. */
const MAX_MS = 250;

const kinds: Record<string, FreezingInputs> = { archives, dockerfiles, json, requests, registry };

let server: RunningServer | undefined;
let longest = MAX_MS;

beforeAll(async () => {
  server = await startServer();
  const { pulse } = await pulseWhile(server, () => new Promise((resolve) => setTimeout(resolve, 3000)));
  longest += pulse.slowest;
  console.log(`The idle server answers within ${pulse.slowest} ms.`);
});
afterAll(() => server?.[Symbol.asyncDispose]());

interface Outcome {
  statuses: number[];
  /** Of the last answer. */
  text: string;
  pulse: Pulse;
}

async function attack({ requests }: FreezingInput): Promise<Outcome> {
  server ??= await startServer();
  const { url } = server;
  const made = await requests(new URL(url).host);
  const { result, pulse } = await pulseWhile(server, async () => {
    const statuses: number[] = [];
    let text = "";
    for (const { method = "POST", path, headers = {}, body } of made) {
      const answer = await fetch(url + path, {
        method,
        // The server may have closed an idle connection while this thread made the input.
        headers: { connection: "close", ...headers },
        ...(body !== undefined && { body: body as BodyInit }),
      });
      statuses.push(answer.status);
      text = (await answer.text()).slice(0, 1000);
    }
    return { statuses, text };
  });
  return { ...result, pulse };
}

/** Repeats an attack on a new server, because the first one may have cached the input. */
async function attackAgain(input: FreezingInput): Promise<Outcome> {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
  return attack(input);
}

describe.each(Object.entries(kinds))("%s", (_, inputs) => {
  test.each(Object.entries(inputs))("%s", async (_, input) => {
    let outcome = await attack(input);
    if (outcome.pulse.slowest > longest) outcome = await attackAgain(input);
    const { statuses, text, pulse } = outcome;
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect({ status: statuses.at(-1), text }).toEqual({ status: input.status, text });
    expect(pulse.slowest).toBeLessThanOrEqual(longest);
  });
});
