import { Hono } from "hono";
import type { Env } from "./environment.ts";
import { requireLoopback } from "./guard.ts";
import { ProblemError } from "./problem.ts";
import { runnersOf } from "./remote-runners.ts";

/** `/v1/runners`: where runners dial in, and who is there. */
export const runners = new Hono<{ Bindings: Env }>();

runners.get("/", async (c) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    return c.json({ runners: await runnersOf(c.env).list() });
  }
  const offered = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  if (!offered.includes("varve.runner")) {
    throw new ProblemError({
      status: 400,
      code: "protocol-unknown",
      title: "This is no runner",
      detail: `Cannot take a WebSocket with the protocols "${offered.join(", ")}": varve.runner is not among them`,
    });
  }
  const token = offered.find((name) => name.startsWith("token."))?.slice("token.".length);
  judge(c.req.raw, token, c.env.VARVE_RUNNER_TOKEN);
  return runnersOf(c.env).fetch(c.req.raw);
});

/** A runner sees what is built: who may be one is told by a token, or else only this machine may. */
function judge(request: Request, token: string | undefined, expected: string | undefined): void {
  if (!expected) {
    requireLoopback(request);
    return;
  }
  if (token !== undefined && isEqual(token, expected)) return;
  throw new ProblemError({
    status: 401,
    code: "runner-denied",
    title: "The token of the runner is not right",
    detail:
      token === undefined
        ? "Cannot take the runner: it has sent no token"
        : "Cannot take the runner: its token is not that of this server",
    hint: "Start it with --token and the value of VARVE_RUNNER_TOKEN.",
  });
}

/** Compares in a time that does not tell where the texts differ. */
function isEqual(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  return left.length === right.length && crypto.subtle.timingSafeEqual(left, right);
}
