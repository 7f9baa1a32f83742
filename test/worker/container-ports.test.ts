/// <reference types="@cloudflare/vitest-plugin/types" />
import { describe, expect, test } from "vitest";
import type { CreatedContainer } from "../../schemas/containers.ts";
import type { FromPort, ToPort } from "../../schemas/ports.ts";
import type { Problem } from "../../schemas/problem.ts";
import { FakeRunner } from "./fake-runner.ts";
import { ask, build } from "./server.ts";

// How the server relays requests to ports of containers; test/runner/containers has real ones.

describe("the ports of a container", () => {
  /** A container that runs, and the path of its port 8080. */
  async function serve(image: string) {
    await build({ Dockerfile: 'FROM scratch\nCMD ["/a"]\n' }, { t: image });
    const runner = await FakeRunner.dial({ containers: 1 });
    runner.manual.add("container");
    const wanted = { workspace: "0".repeat(32), size: { rows: 24, columns: 80 } };
    const answer = await ask(`/v1/containers?image=${image}`, {
      method: "POST",
      body: JSON.stringify(wanted),
    });
    if (!answer.ok) throw new Error(await answer.text());
    const created = (await answer.json()) as CreatedContainer;
    const headers = {
      upgrade: "websocket",
      "sec-websocket-protocol": `varve.terminal, token.${created.token}`,
    };
    const { webSocket } = await ask(`/v1/containers/${created.id}`, { headers });
    webSocket?.accept();
    const job = await runner.task("container");
    runner.say({ type: "started", job: job.id });
    return {
      runner,
      job: job.id,
      created,
      path: `${created.ports}8080/`,
      socket: webSocket,
      [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
    };
  }

  type Served = Awaited<ReturnType<typeof serve>>;

  /** The next message that the runner receives. */
  async function received({ runner, job }: Served): Promise<ToPort> {
    const message = await runner.next();
    if (message.type !== "port" || message.job !== job) throw new Error(JSON.stringify(message));
    return message.message;
  }

  /** An answer with its text. The runner sends as much as the client reads. */
  async function read(path: string, init?: RequestInit) {
    const response = await ask(path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Answers one request, with a body in pieces. @returns the request */
  async function answer(
    served: Served,
    headers: [string, string][],
    pieces: string[] = [],
    status = 200,
  ): Promise<Extract<ToPort, { type: "request" }>> {
    const { runner, job } = served;
    const message = await received(served);
    if (message.type !== "request") throw new Error(JSON.stringify(message));
    const { exchange } = message;
    const say = (answer: FromPort) => runner.say({ type: "port", job, message: answer });
    say({ type: "response", exchange, status, headers });
    for (const piece of pieces) {
      expect(await received(served)).toEqual({ type: "more", exchange });
      say({ type: "bytes", exchange, bytes: btoa(piece) });
    }
    if (pieces.length > 0) {
      expect(await received(served)).toEqual({ type: "more", exchange });
      say({ type: "end", exchange });
    }
    return message;
  }

  test("have a secret path, and credentials are forwarded in neither direction", async () => {
    await using served = await serve("served-a");
    const asked = read(`${served.path}some/page?q=1`, {
      headers: {
        accept: "text/html",
        cookie: "session=secret",
        authorization: "Bearer secret",
        "proxy-authorization": "secret",
        referer: "http://localhost/",
        origin: "null",
        "x-forwarded-for": "10.0.0.1",
        te: "trailers",
      },
    });
    const sent = await answer(
      served,
      [
        ["Content-Type", "text/html"],
        ["Set-Cookie", "session=theirs"],
        ["Clear-Site-Data", '"*"'],
        ["Connection", "x-own"],
        ["X-Own", "1"],
        ["Content-Security-Policy", "default-src *"],
        ["Service-Worker-Allowed", "/"],
        ["Access-Control-Allow-Credentials", "true"],
        ["WWW-Authenticate", "Basic"],
        ["Cache-Control", "public, max-age=9999"],
      ],
      ["hel", "lo"],
    );
    expect(sent).toMatchObject({ port: 8080, method: "GET", path: "/some/page?q=1" });
    expect(Object.fromEntries(sent.headers)).toEqual({ accept: "text/html", "accept-encoding": "identity" });
    const response = await asked;
    expect(response.text).toBe("hello");
    const { "x-request-id": _, ...headers } = Object.fromEntries(response.headers);
    expect(headers).toEqual({
      "access-control-allow-headers": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-origin": "*",
      "cache-control": "no-store",
      "content-security-policy": `sandbox allow-scripts allow-forms allow-modals; default-src http://localhost${served.path} 'unsafe-inline' 'unsafe-eval' data: blob:; form-action http://localhost${served.path}; base-uri http://localhost${served.path}; frame-ancestors http://localhost`,
      "content-type": "text/html",
      "cross-origin-resource-policy": "cross-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
  });

  test("accept forms of their own content, and redirect only within the port", async () => {
    await using served = await serve("served-b");
    const form = read(`${served.path}form`, {
      method: "POST",
      body: "a=1",
      redirect: "manual",
      headers: { origin: "null", "sec-fetch-site": "cross-site", "content-type": "text/plain" },
    });
    const sent = await answer(served, [["Location", "/done?x#y"]], ["-"], 302);
    expect(sent).toMatchObject({ method: "POST", body: btoa("a=1") });
    expect((await form).headers.get("location")).toBe(`${served.path}done?x#y`);
    for (const location of ["https://evil.example/", "//evil.example/x", "http://localhost:1/", "http://["]) {
      const asked = read(served.path, { redirect: "manual" });
      await answer(served, [["Location", location]], ["-"], 302);
      expect((await asked).headers.get("location"), location).toBeNull();
    }
    const bare = await ask(served.path.slice(0, -1), { redirect: "manual" });
    expect([bare.status, bare.headers.get("location")]).toEqual([308, served.path]);
    expect((await ask(served.path, { method: "OPTIONS" })).status).toBe(204);
  });

  test("are closed without the secret path, and when the container ends", async () => {
    await using served = await serve("served-c");
    const { id, token, ports } = served.created;
    await using other = await serve("served-d");
    const secret = ports.split("/").at(-2) ?? "";
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    for (const path of [
      `/v1/containers/${id}/ports/${token}/8080/`,
      `/v1/containers/${id}/ports/${"0".repeat(64)}/8080/`,
      `/v1/containers/${id}/ports//8080/`,
      `/v1/containers/${other.created.id}/ports/${secret}/8080/`,
      `${ports}0/`,
      `${ports}65536/`,
      `${ports}x/`,
      ports,
      `/v1/containers/${id}/ports/`,
    ]) {
      const response = await ask(path);
      expect([path, response.status]).toEqual([path, 404]);
      await response.body?.cancel();
    }
    // The admin cannot bypass the secret path.
    expect((await ask(`/v1/containers/${id}/ports/${encodeURIComponent("../")}/8080/`)).status).toBe(404);
    // An answer from another runner is ignored.
    const asked = ask(served.path);
    const message = await received(served);
    other.runner.say({
      type: "port",
      job: served.job,
      message: { type: "response", exchange: message.exchange, status: 200, headers: [] },
    });
    await other.runner.known();
    served.runner.say({
      type: "port",
      job: served.job,
      message: {
        type: "end",
        exchange: message.exchange,
        reason: "no program in the container listens there",
      },
    });
    const refused = (await (await asked).json()) as Problem;
    expect(refused).toMatchObject({
      code: "port-unanswered",
      detail: "Cannot open port 8080: no program in the container listens there",
    });
    const late = ask(served.path);
    await received(served);
    served.socket?.close();
    expect(((await (await late).json()) as Problem).detail).toContain("the container has ended");
    expect((await ask(served.path)).status).toBe(404);
  });

  test("limit the request size and the number of waiting requests", async () => {
    await using served = await serve("served-e");
    const large = await ask(served.path, { method: "POST", body: new Uint8Array(2 ** 20 + 1) });
    expect(large.status).toBe(413);
    const upgrade = await ask(served.path, { headers: { upgrade: "websocket" } });
    expect(await upgrade.json()).toMatchObject({ code: "protocol-unknown" });
    const abort = new AbortController();
    const open = ask(served.path, { signal: abort.signal });
    const message = await received(served);
    served.runner.say({
      type: "port",
      job: served.job,
      message: { type: "response", exchange: message.exchange, status: 200, headers: [] },
    });
    // For a client that does not read, the runner sends only the first piece.
    const response = await open;
    expect(await received(served)).toEqual({ type: "more", exchange: message.exchange });
    await response.body?.cancel();
  });
});
