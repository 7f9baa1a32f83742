import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminSecret, type CredentialedServer } from "./credentialed-server.ts";
import { basic, problemOf, startTeams } from "./teams.ts";

let server: CredentialedServer;
let ours: string;
beforeAll(async () => {
  ({ server, ours } = await startTeams());
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test("a rejected client with a large body receives the reason", async () => {
  const response = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const { port } = new URL(server.url);
    const sent = request(
      { port, host: "127.0.0.1", path: "/v1/builds?t=ours/app", method: "POST" },
      (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode, body }));
      },
    );
    sent.on("error", reject);
    const chunk = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 32; i++) sent.write(chunk);
    sent.end();
  });
  expect(response).toMatchObject({ status: 401, body: expect.stringContaining('"credential-missing"') });
});

test("an address with too many failures must wait, but a valid credential always works", async () => {
  const attempt = (secret: string, path = "/v2/") => server.askFrom("127.0.0.2", path, secret);
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++) statuses.push((await attempt(`guess-${i}`)).status);
  expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
  const limited = await attempt("guess", "/v1/builds");
  expect(await problemOf(limited)).toMatchObject({ status: 429, code: "too-many-attempts" });
  const seconds = Number(limited.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  for (const secret of [adminSecret, ours]) expect((await attempt(secret)).status).toBe(200);
  const headers = basic(adminSecret);
  expect((await server.askFrom("127.0.0.2", "/v2/token", undefined, { headers })).status).toBe(200);
  expect((await attempt("guess")).status).toBe(429);
  expect((await server.ask("/v1/tokens", {}, adminSecret)).status).toBe(200);
});
