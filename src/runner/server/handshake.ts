import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";

/** The HTTP response to a WebSocket request that was not upgraded. */
export interface RefusedHandshake {
  status: number;
  headers: Record<string, string>;
  /** The first characters. */
  body: string;
}

/** Statuses below 500 after which a later attempt may succeed. */
const TEMPORARY = new Set([408, 425, 429]);
const MAX_BYTES = 4096;
const TIMEOUT_MS = 10_000;

/**
 * Sends a WebSocket handshake (RFC 6455, section 4.1) to find out why a connection was not opened: `WebSocket` does not
 * report the response. Undefined when the server accepts the handshake now.
 * @param url `ws:` or `wss:`
 * @throws {Error} when there is no answer
 */
export async function refusedHandshake(
  url: URL,
  protocols: readonly string[],
  signal: AbortSignal,
): Promise<RefusedHandshake | undefined> {
  const isSecure = url.protocol === "wss:";
  const target = new URL(url);
  target.protocol = isSecure ? "https:" : "http:";
  const request = (isSecure ? overHttps : overHttp)(target.href, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16).toString("base64"),
      "sec-websocket-protocol": protocols.join(", "),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  try {
    return await new Promise<RefusedHandshake | undefined>((resolve, reject) => {
      request.on("error", reject);
      request.on("upgrade", () => resolve(undefined));
      request.on("response", async (response) => {
        const { statusCode: status = 0, headers } = response;
        let body = "";
        try {
          for await (const chunk of response.setEncoding("utf8")) {
            body += chunk;
            if (body.length > MAX_BYTES) break;
          }
        } catch (error) {
          return reject(error);
        }
        const named = Object.entries(headers).flatMap(([name, value]) =>
          typeof value === "string" ? [[name, value] as const] : [],
        );
        resolve({ status, headers: Object.fromEntries(named), body: body.slice(0, MAX_BYTES) });
      });
      request.end();
    });
  } finally {
    request.destroy();
  }
}

/**
 * Whether retrying is pointless.
 * @param isKnown the server accepted this runner before, so that the answer may come from a proxy while it is down
 */
export function isFinal({ status }: RefusedHandshake, isKnown: boolean): boolean {
  if (status === 401 || status === 403) return true;
  return !isKnown && status < 500 && !TEMPORARY.has(status);
}
