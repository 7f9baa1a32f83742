import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";

/** An answer to who asked for a WebSocket and got none. */
export interface RefusedHandshake {
  /** Of HTTP. */
  status: number;
  headers: Record<string, string>;
  /** The beginning of it. */
  body: string;
}

/** Answers of HTTP that may be others in a moment: what is in between, or too busy, said them. */
const PASSING = new Set([408, 425, 429]);
const MOST_BYTES = 4096;
const PATIENCE_MS = 10_000;

/**
 * Asks for a WebSocket and gives none (RFC 6455, section 4.1): says why one was not opened, which `WebSocket` keeps for
 * itself. Undefined when it would be opened now.
 * @param url `ws:` or `wss:`
 * @throws when there is no answer
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
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
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
            if (body.length > MOST_BYTES) break;
          }
        } catch (error) {
          return reject(error);
        }
        const named = Object.entries(headers).flatMap(([name, value]) =>
          typeof value === "string" ? [[name, value] as const] : [],
        );
        resolve({ status, headers: Object.fromEntries(named), body: body.slice(0, MOST_BYTES) });
      });
      request.end();
    });
  } finally {
    request.destroy();
  }
}

/**
 * Whether asking again is of no use.
 * @param isKnown the server has taken this runner before, so that what is in between may stand for it meanwhile
 */
export function isFinal({ status }: RefusedHandshake, isKnown: boolean): boolean {
  if (status === 401 || status === 403) return true;
  return !isKnown && status < 500 && !PASSING.has(status);
}
