import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { buildFolder, type DockerBuild, docker, forBuiltIn } from "../builders/docker.ts";
import { buildBody } from "../builders/varve.ts";
import type { Addresses } from "../case.ts";
import { argHistory, exposeHistory, healthcheckHistory, type Newer } from "../newer.ts";
import type { Outcome } from "../result.ts";
import { DEBIAN } from "./base.ts";

/** A folder of `examples/` and what its container answers. */
export interface Example {
  name: string;
  /** Arguments of the container. Without `ask` and `exec`, it prints the answer and exits. */
  args?: string[];
  stdin?: string;
  /** The HTTP request to the container. */
  ask?: { port: number; path: string };
  /** A command to execute in the running container instead of a request. */
  exec?: string[];
  answer: RegExp;
  /** Its HEALTHCHECK must say that it is healthy. */
  healthy?: boolean;
}

export const examples: Example[] = [
  {
    name: "node",
    ask: { port: 8080, path: "/?text=tick+Tick+tock" },
    answer: /^\{"tick":2,"tock":1\}$/,
  },
  { name: "python", ask: { port: 8080, path: "/varve" }, answer: /^Hello, varve!$/, healthy: true },
  { name: "go", ask: { port: 8080, path: "/" }, answer: /^clock dev: \d{4}-\d\d-\d\dT/ },
  { name: "cmake", args: ["1", "2", "39"], answer: /^42$/ },
  { name: "rust", answer: /^MMXXVI$/ },
  { name: "nginx", ask: { port: 8080, path: "/" }, answer: /One year's layer of sediment/, healthy: true },
  { name: "php", ask: { port: 8080, path: "/?word=gr%C3%BC%C3%9Fe" }, answer: /^eßürg$/ },
  { name: "ruby", ask: { port: 8080, path: "/1" }, answer: /^1$/ },
  { name: "redis", exec: ["redis-cli", "incr", "counter"], answer: /^\d+$/, healthy: true },
  { name: "perl", stdin: "a,1\nb,5\na,2\n", answer: /^a 3\nb 5$/ },
];

/** Where docker's history is written in an older way. */
export const exampleNewer: Newer[] = [
  exposeHistory,
  healthcheckHistory,
  argHistory({ "ARG VERSION": "ARG VERSION=dev" }),
];

const root = join(import.meta.dirname, "../../../examples");

/** The images of docker and of varve. */
export async function buildExample(
  { name }: Example,
  url: string,
  addresses: Addresses,
): Promise<[docker: Outcome, varve: Outcome]> {
  const folder = join(root, name);
  const made = await buildByDocker(name, folder, addresses);
  const options = { maxBuffer: 2 ** 26, encoding: "buffer" as const };
  const { stdout } = await promisify(execFile)("tar", ["-C", folder, "-c", "."], options);
  const body = new Blob([stdout], { type: "application/x-tar" });
  const query = new URLSearchParams();
  const varve = await buildBody(url, `example-${name}`, query, body, addresses);
  return [made.outcome, varve];
}

async function buildByDocker(name: string, folder: string, addresses: Addresses): Promise<DockerBuild> {
  using beside = temporaryFolder();
  const dockerfile = join(beside.path, "Dockerfile");
  await writeFile(dockerfile, forBuiltIn(await readFile(join(folder, "Dockerfile"), "utf8")));
  const options = { fromRegistry: [DEBIAN] };
  return await buildFolder(`example-${name}`, folder, ["--file", dockerfile], addresses, options);
}

/**
 * Pulls varve's image with docker, runs it and compares its answer.
 * @returns the fault; undefined if there is none
 */
export async function runExample(example: Example, url: string): Promise<string | undefined> {
  const image = `${new URL(url).host.replace("localhost", "127.0.0.1")}/cases/example-${example.name}:1`;
  await docker(["pull", "--quiet", image]);
  const { ask, exec, args = [], stdin } = example;
  if (ask === undefined && exec === undefined) {
    const input = stdin === undefined ? undefined : Buffer.from(stdin);
    return wrongAnswer(example, await text(["run", "--rm", "--interactive", image, ...args], input));
  }
  const publish = ask === undefined ? [] : ["--publish", `127.0.0.1::${ask.port}`];
  const id = await text(["run", "--detach", ...publish, image, ...args]);
  try {
    const answer = await patiently(async () => {
      if (ask === undefined) return text(["exec", id, ...(exec ?? [])]);
      const port = (await text(["port", id, String(ask.port)])).split(":").at(-1);
      return (await (await fetch(`http://127.0.0.1:${port}${ask.path}`)).text()).trim();
    });
    const wrong = wrongAnswer(example, answer);
    if (wrong !== undefined || !example.healthy) return wrong;
    const health = await patiently(async () => {
      const status = await text(["inspect", "--format", "{{.State.Health.Status}}", id]);
      if (status === "starting") throw new Error("it is starting for ever");
      return status;
    });
    return health === "healthy" ? undefined : `its health is "${health}"`;
  } finally {
    await docker(["rm", "--force", "--volumes", id]);
    await docker(["image", "rm", image]);
  }
}

function wrongAnswer({ answer }: Example, text: string): string | undefined {
  return answer.test(text) ? undefined : `it answers ${JSON.stringify(text)}, expected ${answer}`;
}

async function text(args: string[], input?: Uint8Array): Promise<string> {
  return new TextDecoder().decode(await docker(args, input)).trim();
}

/** Tries for twenty seconds. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 100) throw error;
      await delay(200);
    }
  }
}
