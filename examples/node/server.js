import { createServer } from "node:http";
import { countWords } from "./words.js";

const server = createServer((request, response) => {
  const text = new URL(request.url ?? "/", "http://localhost").searchParams.get("text") ?? "";
  response.setHeader("content-type", "application/json");
  response.end(`${JSON.stringify(countWords(text))}\n`);
});
server.listen(process.env.PORT ?? 8080);
process.once("SIGTERM", () => server.close());
