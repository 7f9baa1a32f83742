import { request as openRequest } from "node:http";

/** A request as it is sent, byte for byte. */
export interface RawRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  /** The first bytes of the body. */
  text: string;
}

/** Maximum number of bytes that are read of an answer, because some answers never end. */
const MAX_READ = 64 * 1024;

/** Sends a request that `fetch` might change or refuse, and reads the beginning of the answer. */
export function exchange(server: string, asked: RawRequest, milliseconds = 60_000): Promise<RawAnswer> {
  const { hostname, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const { method, target: path, body } = asked;
    const headers = { ...asked.headers, "content-length": String(body.length) };
    const request = openRequest({ hostname, port, method, path, headers, agent: false });
    const late = setTimeout(() => request.destroy(new Error("There is no answer")), milliseconds);
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      const end = () => {
        clearTimeout(late);
        request.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      };
      response.setEncoding("latin1").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_READ) end();
      });
      response.on("end", end).on("error", end);
      // A stream of events may last as long as its build.
      if (/event-stream/.test(response.headers["content-type"] ?? "")) end();
    });
    request.end(body);
  });
}
