import { env as bindings, exports } from "cloudflare:workers";
import type { BuildRecord, Explanation } from "../../schemas/build.ts";
import type { BuildEvent } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { FRONT_PEER, FRONT_SECRET } from "../../src/store/front-protocol.ts";
import type { Env } from "../../src/worker/environment.ts";
import { type ContextFiles, contextOf } from "../helpers/context-archive.ts";

export const env = bindings as unknown as Env;

/** The Worker as programs of this machine reach it. */
export const { default: worker } = exports as unknown as { default: Fetcher };

/** Sends the Worker a request as the HTTP front of a local server does for a local client. A path is relative to `http://localhost`. */
export function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set(FRONT_SECRET, env.VARVE_FRONT_SECRET ?? "");
  if (!headers.has(FRONT_PEER)) headers.set(FRONT_PEER, "127.0.0.1");
  return worker.fetch(path.startsWith("/") ? `http://localhost${path}` : path, { ...init, headers });
}

/** Posts a build of these files, or of a body as it is. */
export function postBuild(
  files: ContextFiles | Uint8Array<ArrayBuffer> | ReadableStream,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = files instanceof Uint8Array || files instanceof ReadableStream ? files : contextOf(files);
  return ask(`/v1/builds?${new URLSearchParams(query)}`, { method: "POST", body, headers });
}

export interface Built {
  /** Build id. */
  id: string;
  /** Of the manifest or index. */
  digest: string;
  manifest: { layers: { digest: string }[]; config: { digest: string } };
}

/** Builds files. @throws {Error} when the build fails */
export async function build(files: ContextFiles, query: Record<string, string> = {}): Promise<Built> {
  return builtBy(await postBuild(files, query));
}

/** Parses a response with a manifest. Throws with the body when it is a problem. */
export async function builtBy(response: Response): Promise<Built> {
  if (response.status !== 200) throw new Error(await response.text());
  return {
    id: response.headers.get("varve-build") ?? "",
    digest: response.headers.get("docker-content-digest") ?? "",
    manifest: await response.json(),
  };
}

/** The text of an answer. Avoids workerd's warning about the text of other media types. */
export async function textOf(answer: Response): Promise<string> {
  return new TextDecoder().decode(await answer.arrayBuffer());
}

/** The problem in a response. @throws {Error} when it is not a problem */
export async function problemIn(response: Response): Promise<Problem> {
  const type = response.headers.get("content-type");
  if (type !== "application/problem+json") {
    throw new Error(`${response.status} ${type}: ${(await response.text()).slice(0, 500)}`);
  }
  const problem = await response.json<Problem>();
  if (problem.status !== response.status) throw new Error(`status ${problem.status} in ${response.status}`);
  return problem;
}

export async function recordOf(id: string): Promise<BuildRecord> {
  return (await ask(`/v1/builds/${id}`)).json();
}

/** The record of a build once it has ended. */
export async function endedRecordOf(id: string): Promise<BuildRecord> {
  await eventsOf(id);
  return recordOf(id);
}

export async function eventsOf(id: string): Promise<BuildEvent[]> {
  return parseEvents(await textOf(await ask(`/v1/builds/${id}/events`)));
}

export function parseEvents(ndjson: string): BuildEvent[] {
  return ndjson
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

export async function explain(id: string): Promise<Explanation["steps"]> {
  return (await (await ask(`/v1/builds/${id}/explain`)).json<Explanation>()).steps;
}

/** Every key in R2. */
export async function storedKeys(prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const list = await env.BUCKET.list({ prefix, ...(cursor !== undefined && { cursor }) });
    keys.push(...list.objects.map(({ key }) => key));
    if (!list.truncated) return keys;
    cursor = list.cursor;
  }
}
