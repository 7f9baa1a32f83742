import { type OutgoingHttpHeaders, request } from "node:http";
import { Readable } from "node:stream";

/** A request that `fetch` cannot send. */
interface Sent {
  method?: string;
  /** Sent unchanged, including `host`. A list alternates names and values, and may repeat names. */
  headers?: Record<string, string> | Headers | readonly string[];
  body?: BodyInit | null;
  signal?: AbortSignal | null;
  /** Local address of the connection. Default: `127.0.0.1`. */
  from?: string;
}

/** Sends a request over a new connection. Does not follow redirects. */
export async function send(url: string | URL, sent: Sent = {}): Promise<Response> {
  const { method = "GET", headers = {}, body, signal, from } = sent;
  const target = new URL(url);
  const list = Array.isArray(headers) ? (headers as string[]) : undefined;
  // Computes the headers that `fetch` would send for the body.
  const described = body == null ? undefined : new Response(body);
  const given = list ?? Object.fromEntries(headers instanceof Headers ? headers : Object.entries(headers));
  const type = described?.headers.get("content-type");
  const named: OutgoingHttpHeaders | string[] = Array.isArray(given)
    ? given
    : { ...(type && { "content-type": type }), ...lengthOf(body), ...given };
  return new Promise((resolve, reject) => {
    const asked = request(target.href, {
      method,
      headers: named as OutgoingHttpHeaders,
      agent: false,
      setHost: list === undefined,
      ...(signal && { signal }),
      ...(from !== undefined && { localAddress: from }),
    });
    asked.on("error", reject);
    asked.once("response", (answer) => {
      const status = answer.statusCode ?? 0;
      const pairs = Array.from({ length: answer.rawHeaders.length / 2 }, (_, i): [string, string] => [
        answer.rawHeaders[2 * i] ?? "",
        answer.rawHeaders[2 * i + 1] ?? "",
      ]);
      const hasNone = [204, 205, 304].includes(status);
      if (hasNone) answer.resume();
      const stream = hasNone ? null : (Readable.toWeb(answer) as unknown as ReadableStream<Uint8Array>);
      resolve(new Response(stream, { status, headers: pairs }));
    });
    asked.once("upgrade", (answer, socket) => {
      socket.destroy();
      // `Response` does not accept this status.
      resolve(Object.defineProperty(new Response(null), "status", { value: answer.statusCode }));
    });
    if (described?.body) Readable.fromWeb(described.body as never).pipe(asked);
    else asked.end();
  });
}

function lengthOf(body: BodyInit | null | undefined): Record<string, number> {
  if (typeof body === "string") return { "content-length": Buffer.byteLength(body) };
  return body instanceof Uint8Array ? { "content-length": body.length } : {};
}
