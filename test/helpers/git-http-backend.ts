import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Answers a request for a path below `root` with git's own server, which is a
 * CGI program (git-http-backend(1)).
 */
export function gitHttpBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const header = (name: string) => request.headers[name]?.toString() ?? "";
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header("content-type"),
      CONTENT_LENGTH: header("content-length"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // The program may end before it has read everything.
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);

  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(HEAD_END);
    if (end < 0) return;
    child.stdout.off("data", readHead);
    for (const line of head.subarray(0, end).toString("latin1").split("\r\n")) {
      const [name = "", value = ""] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.write(head.subarray(end + HEAD_END.length));
    child.stdout.pipe(response);
  };
  child.stdout.on("data", readHead);
  child.on("error", () => response.destroy());
  response.on("close", () => child.kill());
}
