import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

/** As Cloudflare's front answers a body above the limit of the plan: before the Worker runs, and not in its form. */
const TOO_LARGE = `<html>
<head><title>413 Request Entity Too Large</title></head>
<body>
<center><h1>413 Request Entity Too Large</h1></center>
<hr><center>cloudflare</center>
</body>
</html>
`;

/** A proxy on loopback that limits the bodies of requests. */
export interface Front extends AsyncDisposable {
  /** As `http://127.0.0.1:1234`. */
  url: string;
  /** Requests that were answered with 413. */
  refused(): number;
}

/**
 * @param target gives the origin behind the proxy
 * @param authorization of requests that have none
 */
export async function startFront(
  target: () => string,
  bodyBytes: number,
  authorization?: string,
): Promise<Front> {
  let refused = 0;
  const headersOf = ({ headers }: IncomingMessage) =>
    authorization === undefined ? headers : { authorization, ...headers };

  const refuse = (incoming: IncomingMessage, response: ServerResponse) => {
    refused += 1;
    if (!response.headersSent) {
      response.writeHead(413, { "content-type": "text/html", connection: "close" }).end(TOO_LARGE);
    }
    // The connection closes while the client may still be sending.
    setTimeout(() => incoming.destroy(), 200);
  };

  const server = createServer((incoming, response) => {
    if (Number(incoming.headers["content-length"] ?? 0) > bodyBytes) return refuse(incoming, response);
    const outgoing = request(`${target()}${incoming.url}`, {
      method: incoming.method ?? "GET",
      headers: headersOf(incoming),
      setHost: false,
    });
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => {});
    });
    outgoing.on("error", () => {
      // The client reads the answer only after it has sent the body.
      incoming.removeAllListeners("data").resume();
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytes) {
        incoming.removeAllListeners("data").pause();
        outgoing
          .removeAllListeners("error")
          .on("error", () => {})
          .destroy();
        refuse(incoming, response);
      } else if (!outgoing.write(chunk)) {
        incoming.pause();
        outgoing.once("drain", () => incoming.resume());
      }
    });
    incoming.on("end", () => outgoing.end());
    incoming.on("error", () => outgoing.destroy());
    response.on("close", () => {
      if (!response.writableFinished) outgoing.destroy();
    });
  });

  server.on("upgrade", (incoming, socket, head) => {
    const outgoing = request(`${target()}${incoming.url}`, { headers: headersOf(incoming), setHost: false });
    outgoing.on("upgrade", (answer, peer, first) => {
      const lines = [`HTTP/1.1 101 Switching Protocols`];
      for (let at = 0; at < answer.rawHeaders.length; at += 2) {
        lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}`);
      }
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      peer.unshift(first);
      socket.unshift(head);
      pipeline(socket, peer, socket, () => {});
    });
    outgoing.on("response", (answer) => {
      socket.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\ncontent-length: 0\r\n\r\n`);
      answer.resume();
    });
    outgoing.on("error", () => socket.destroy());
    outgoing.end();
  });

  // A client of this process may compute for longer than a connection would otherwise be kept.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused: () => refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
