import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Explanation } from "../../../schemas/build.ts";
import { startLocalRunner } from "../../serve/local-runner.ts";
import { startLocalServer } from "../../serve/local-server.ts";
import { readable } from "../../streams/readable.ts";
import { tarOf } from "./directory-tar.ts";

// Builds examples/hello three times on a separate server and explains the results: see README.md. Includes RUN if this
// machine can execute it.

const example = join(import.meta.dirname, "../../../examples/hello");
const require = createRequire(import.meta.url);
/** The folder of esbuild's program for this machine, which the example copies. */
const tools = dirname(require.resolve(`@esbuild/linux-${process.arch}/bin/esbuild`));

const folder = await mkdtemp(join(tmpdir(), "varve-demo-"));
const server = await startLocalServer({ port: 0, data: join(folder, "data") });
const runner = await startLocalRunner({ server: server.url, token: "", data: join(folder, "runner") });
try {
  const context = join(folder, "hello");
  await cp(example, context, { recursive: true });
  const noRun = runner.isHere ? await whyNoRun() : runner.words;
  const site = noRun === undefined ? "minified" : "plain";

  say(
    `A server is running at ${server.url} (RUN: ${noRun ?? "on this machine"}). First build, with an empty cache:`,
  );
  await build(context, site);
  const manifest = await fetch(`${server.url}/v2/hello/manifests/latest`);
  say(`The manifest, ${manifest.headers.get("docker-content-digest")}:`);
  console.log(JSON.stringify(await manifest.json(), null, 2));
  say(
    `While the server runs, every OCI client can pull it, as: docker pull ${server.url.replace("http://", "")}/hello`,
  );

  say("Second build, without changes: everything is cached.");
  await build(context, site);

  say("Third build, after a change to one file: only the steps that depend on it execute.");
  await appendFile(join(context, "public/style.css"), "h1 { color: teal; }\n");
  const id = await build(context, site);
  const { steps } = (await (await fetch(`${server.url}/v1/builds/${id}/explain`)).json()) as Explanation;
  for (const { name, status, why } of steps)
    console.log(`${status.padEnd(10)} ${name}${status === "miss" ? `: ${why}` : ""}`);
} finally {
  await runner.close();
  await server.close();
  await rm(folder, { recursive: true });
}

/** Executes a step as a trial, because only that shows whether the machine permits containers. */
async function whyNoRun(): Promise<string | undefined> {
  const trial = join(folder, "trial");
  await mkdir(trial);
  const lines = ["FROM scratch", "COPY --chmod=755 bin/esbuild /", 'RUN ["/esbuild", "--version"]', ""];
  await writeFile(join(trial, "Dockerfile"), lines.join("\n"));
  const answer = await post("t=trial", trial, "application/json");
  await answer.body?.cancel();
  return answer.ok ? undefined : "not on this machine: a trial step failed";
}

/** Sends a folder, with esbuild's program in it. */
function post(query: string, context: string, accept: string): Promise<Response> {
  return fetch(`${server.url}/v1/builds?${query}`, {
    method: "POST",
    headers: { "content-type": "application/x-tar", accept },
    body: readable(tarOf([{ folder: context }, { folder: tools, at: "bin" }])),
    duplex: "half",
  } as RequestInit);
}

/** Builds and prints the progress; returns the build's id. */
async function build(context: string, site: string): Promise<string> {
  const query = new URLSearchParams({ t: "hello", buildargs: JSON.stringify({ SITE: site }) });
  const answer = await post(String(query), context, "text/plain");
  if (!answer.ok || answer.body === null) throw new Error(await answer.text());
  for await (const chunk of answer.body) process.stdout.write(chunk);
  return answer.headers.get("varve-build") ?? "";
}

function say(text: string): void {
  console.log(`\n\x1b[1m${text}\x1b[0m`);
}
