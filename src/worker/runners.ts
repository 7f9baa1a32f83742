import { Hono } from "hono";
import { sha256 } from "../streams/sha256.ts";
import type { Env } from "./environment.ts";
import { requireLoopback } from "./guard.ts";
import { ProblemError } from "./problem.ts";
import { buildRunnerPrefix, runnersOf } from "./remote-runners.ts";
import type { Service } from "./runner-trust.ts";
import { serviceHeader } from "./runners-object.ts";

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
  const request = new Request(c.req.raw);
  request.headers.set(serviceHeader, JSON.stringify(await serviceOf(c.req.raw, token, c.env)));
  return runnersOf(c.env).fetch(request);
});

/** For whom a runner works that shows this token. @throws ProblemError when it may not work for anybody */
async function serviceOf(request: Request, token: string | undefined, env: Env): Promise<Service> {
  if (token?.startsWith(buildRunnerPrefix)) {
    const offered = await runnersOf(env).offered(token);
    const record = offered && (await env.BUILDS.getByName(offered.build).record());
    if (offered === undefined || record?.state !== "running") throw denied("its build has ended");
    const { build, secrets, ssh } = offered;
    return { kind: "build", build, token: sha256(token), secrets, ssh };
  }
  judge(request, token, env.VARVE_RUNNER_TOKEN);
  return { kind: "pool" };
}

/** A runner sees what is built: who may be one is told by a token, or else only this machine may. */
function judge(request: Request, token: string | undefined, expected: string | undefined): void {
  if (!expected) {
    requireLoopback(request);
    return;
  }
  if (token !== undefined && isEqual(token, expected)) return;
  throw denied(token === undefined ? "it has sent no token" : "its token is not that of this server");
}

function denied(reason: string): ProblemError {
  return new ProblemError({
    status: 401,
    code: "runner-denied",
    title: "The token of the runner is not right",
    detail: `Cannot take the runner: ${reason}`,
    hint: "Start it with --token and the value of VARVE_RUNNER_TOKEN.",
  });
}

/** Compares in a time that does not tell where the texts differ. */
function isEqual(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  return left.length === right.length && crypto.subtle.timingSafeEqual(left, right);
}
