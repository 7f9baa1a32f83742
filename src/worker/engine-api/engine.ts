import type { Right } from "../../../schemas/access.ts";
import type { EngineMessage } from "../../engine-api/build-messages.ts";
import { errorMessage } from "../../engine-api/build-messages.ts";
import { EngineError } from "../../engine-api/engine-error.ts";
import { type FindOptions, findImage, type LocatedImage } from "../../engine-api/find-image.ts";
import { ENGINE_HEADERS } from "../../engine-api/server-documents.ts";
import { kvCache } from "../../store/kv-cache.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { readable } from "../../streams/readable.ts";
import type { RequestAccess } from "../access/request-access.ts";
import { STREAM_HEADERS } from "../builds/event-stream.ts";
import type { Env } from "../environment.ts";
import { problemOf } from "../http/problem.ts";
import { storeOf } from "../store.ts";

/** Context of a handler of the Engine API. */
export class Engine {
  readonly request: Request;
  readonly url: URL;
  readonly env: Env;
  readonly access: RequestAccess;
  readonly store: ObjectStore;

  constructor(request: Request, env: Env, access: RequestAccess) {
    this.request = request;
    this.url = new URL(request.url);
    this.env = env;
    this.access = access;
    this.store = storeOf(env);
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  get findOptions(): FindOptions {
    const { store, access, url } = this;
    return { store, cache: kvCache(this.env.CACHE), canPull: access.canPull, own: url.host };
  }

  /** The image with this name or ID. @throws {EngineError | AccessError} 404 for an unknown image */
  async find(text: string): Promise<LocatedImage> {
    const image = await findImage(text, this.findOptions);
    this.require("pull", image.name);
    return image;
  }

  /** @throws {AccessError} */
  require(right: Right, repository: string): void {
    this.access.require({ right, repositories: [repository] });
  }
}

/** A JSON response with a length: docker's Python library does not decompress chunked responses. */
export function engineJson(value: unknown, status = 200): Response {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  return new Response(bytes, {
    status,
    headers: {
      ...ENGINE_HEADERS,
      "content-type": "application/json",
      "content-length": String(bytes.length),
      "cache-control": status < 400 ? "no-transform" : "no-store, no-transform",
    },
  });
}

/** The name in the parameters `repo`, which may have a tag, and `tag`. */
export function targetOf(query: URLSearchParams): string {
  const [repo, tag] = [query.get("repo") ?? "", query.get("tag") ?? ""];
  return tag === "" ? repo : `${repo}:${tag}`;
}

export function emptyEngineAnswer(status: number): Response {
  return new Response(null, { status, headers: ENGINE_HEADERS });
}

/** Streams messages. An error ends the stream as its last message. */
export function engineStream(
  messages: AsyncIterable<EngineMessage>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const encoder = new TextEncoder();
  const lines = async function* () {
    try {
      for await (const message of messages) yield encoder.encode(`${JSON.stringify(message)}\r\n`);
    } catch (error) {
      yield encoder.encode(`${JSON.stringify(errorMessage(messageOf(error)))}\r\n`);
    }
  };
  return new Response(readable(lines()), {
    headers: { ...ENGINE_HEADERS, "content-type": "application/json", ...STREAM_HEADERS, ...headers },
  });
}

/** The message of an error for the client. */
function messageOf(error: unknown): string {
  if (error instanceof EngineError) return error.message;
  const { detail, title } = problemOf(error);
  return detail ?? title;
}
