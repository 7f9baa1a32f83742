import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Right } from "../../../schemas/access.ts";
import type { EngineKind } from "../../../src/engine-api/request.ts";
import { registryNeeds } from "../../../src/worker/access/registry-needs.ts";
import { type Need, routeNeeds } from "../../../src/worker/access/route-needs.ts";
import { Issuer } from "../../helpers/issuer.ts";
import { adminSecret, CredentialedServer } from "./credentialed-server.ts";
import { context, engineSamples, registrySamples, routeSamples, type Sample } from "./route-samples.ts";

/** Rights of each kind of caller on `team/app`. Unknown callers have no valid credential. */
interface Caller {
  rights: readonly Right[];
  isKnown: boolean;
  isAdmin?: true;
  /** The caller has a token of the registry. */
  isGuest?: true;
}

const all: Right[] = ["pull", "push", "delete", "build", "run", "start", "admin"];
const known = (...rights: Right[]): Caller => ({ rights, isKnown: true });
const unknown: Caller = { rights: [], isKnown: false };
const callers = {
  anonymous: unknown,
  guest: { ...unknown, isGuest: true },
  pull: known("pull"),
  push: known("pull", "push"),
  delete: known("delete"),
  build: known("pull", "build"),
  run: known("run"),
  start: known("start", "pull"),
  "admin of the repository": known(...all),
  admin: { ...known(...all), isAdmin: true },
  "admin of another repository": known(),
  expired: unknown,
  revoked: unknown,
  "of a job": unknown,
  "OIDC that a rule is about": known("pull", "push", "build"),
  "OIDC that no rule is about": unknown,
  "made by virtue of push": { ...known("pull", "push"), isGuest: true },
  "made by virtue of a revoked one": unknown,
} satisfies Record<string, Caller>;
type CallerName = keyof typeof callers;

let server: CredentialedServer;
let issuer: Issuer;
/** The credential that each caller sends. */
let secrets: Record<CallerName, string | undefined>;
/** Of a build of `team/app`. */
let build: string;

beforeAll(async () => {
  issuer = await Issuer.start();
  server = await CredentialedServer.start();
  build = (await server.order("POST", "/v1/builds?t=team/app:1", context)).headers.get("varve-build") ?? "";
  await server.settle({
    public: ["public/*"],
    trust: [
      {
        name: "ci",
        issuer: issuer.url,
        audience: "varve",
        claims: { repository: "org/app" },
        scopes: ["push,build:team/*"],
      },
    ],
  });
  const token = async (...scopes: string[]) => (await server.createToken(...scopes)).token;
  const revoked = await server.createToken("admin:**");
  const registryToken = async (secret: string | undefined, scope: string) => {
    const answer = await server.ask(`/v2/token?scope=${scope}`, {}, secret);
    return ((await answer.json()) as { token: string }).token;
  };
  const expires = new Date(Date.now() + 400).toISOString();
  const push = await token("push:team/*");
  secrets = {
    anonymous: undefined,
    guest: await registryToken(undefined, "repository:team/app:pull"),
    pull: await token("pull:team/*"),
    push,
    delete: await token("delete:team/*"),
    build: await token("build:team/*"),
    run: await token("run:team/*"),
    start: await token("start:team/*"),
    "admin of the repository": await token("admin:team/*"),
    admin: adminSecret,
    "admin of another repository": await token("admin:other/**"),
    expired: (await server.createTokenAs({ name: "", scopes: ["admin:**"], expires })).token,
    revoked: revoked.token,
    "of a job": crypto.randomUUID().repeat(2).replaceAll("-", ""),
    "OIDC that a rule is about": await issuer.token({ repository: "org/app" }),
    "OIDC that no rule is about": await issuer.token({ repository: "org/other" }),
    "made by virtue of push": await registryToken(push, "repository:team/app:pull,push"),
    "made by virtue of a revoked one": await registryToken(revoked.token, "repository:team/app:*"),
  };
  await server.order("DELETE", `/v1/tokens/${revoked.id}`);
  await new Promise((resolve) => setTimeout(resolve, 500));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const names = Object.keys(callers) as CallerName[];
const engineKinds = Object.keys(engineSamples("")) as EngineKind[];
/** Each request has a unique id. */
const answered = async (response: Response) => ({
  status: response.status,
  body: (await response.text()).replace(/,"request":"[^"]*"/, ""),
});

describe.each(names)("%s", (name) => {
  const caller: Caller = callers[name];

  /** Whether the caller may send the request. */
  const may = (need: Need): boolean => {
    if (need === "nothing" || need === "own token") return true;
    if (need === "a credential") return caller.isKnown;
    if (need === "admin" || need === "admin or metrics token") return caller.isAdmin === true;
    return need.every(({ right }) => caller.rights.includes(right));
  };

  test.each(routeNeeds.filter(({ isSocket }) => !isSocket))(
    "$method $path",
    async ({ method, path, need }) => {
      const sample = routeSamples(build)[`${method} ${path}`];
      if (sample === undefined) throw new Error(`There is no sample of ${method} ${path}`);
      const ask = async (repository: string) => {
        const [at, init] = sample(repository);
        return server.ask(at, { ...init, method }, secrets[name]);
      };
      const response = await ask("team/app");
      const { status, body } = await answered(response);
      if (path === "/v2/token") {
        // A token of the registry cannot request further tokens.
        const isTaken =
          method === "POST" || secrets[name] === undefined || (caller.isKnown && !caller.isGuest);
        expect(status, body).toBe(method === "POST" ? 400 : isTaken ? 200 : 401);
      } else if (method === "DELETE" && path.startsWith("/v1/jobs/")) {
        // Returning a lease that is not held changes nothing.
        expect(status, body).toBe(204);
      } else if (path.startsWith("/v1/jobs/")) {
        expect([status, body]).toEqual([401, expect.stringContaining('"job-denied"')]);
      } else if (may(need)) {
        expect([401, 403, 429], body).not.toContain(status);
        expect(body).not.toContain('"code":"no-such-route"');
        expect(status, body).toBeLessThan(500);
      } else if (!caller.isKnown) {
        expect(status, body).toBe(401);
        expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm="varve"/);
      } else if (path.startsWith("/v1/builds/{id}") && !caller.rights.includes("pull")) {
        expect([status, body]).toEqual([404, expect.stringContaining('"build-unknown"')]);
      } else {
        // Callers with a token for less may retry with another one.
        expect([status, body]).toEqual([
          caller.isGuest ? 401 : 403,
          expect.stringContaining('"access-denied"'),
        ]);
      }
      if (may(need)) return;
      // Responses for existing and missing objects are equal.
      const ghost = await answered(await ask("team/ghost"));
      expect({ ...ghost, body: ghost.body.replaceAll("team/ghost", "team/app") }).toEqual({ status, body });
    },
  );

  test.each(Object.entries(registryNeeds))("/v2: %s", async (endpoint, need) => {
    const sample = registrySamples[endpoint as keyof typeof registryNeeds];
    const ask = async (repository: string) => {
      const [method, path, init] = sample(repository);
      return server.ask(path, { ...init, method }, secrets[name]);
    };
    const response = await ask("team/app");
    const { status, body } = await answered(response);
    const isAllowed = need === "token" ? caller.isKnown || caller.isGuest : caller.rights.includes(need);
    if (isAllowed) {
      expect([401, 403, 429], body).not.toContain(status);
      expect(status, body).toBeLessThan(500);
      return;
    }
    const isDenied = caller.isKnown && !caller.isGuest;
    expect(status, body).toBe(isDenied ? 403 : 401);
    if (body !== "") {
      expect(JSON.parse(body).errors).toMatchObject([{ code: isDenied ? "DENIED" : "UNAUTHORIZED" }]);
    }
    if (!isDenied) {
      const challenge = response.headers.get("www-authenticate") ?? "";
      expect(challenge).toContain(
        `Bearer realm="${server.url}/v2/token",service="${new URL(server.url).host}"`,
      );
      const fault =
        secrets[name] === undefined ? "" : caller.isKnown ? "insufficient_scope" : "invalid_token";
      if (!caller.isGuest || caller.isKnown) expect(/error="(.*?)"/.exec(challenge)?.[1] ?? "").toBe(fault);
    }
    const ghost = await answered(await ask("team/ghost"));
    expect({ ...ghost, body: ghost.body.replaceAll("team/ghost", "team/app") }).toEqual({ status, body });
  });

  test.each(engineKinds)("Engine API: %s", async (kind) => {
    const [need, sample] = engineSamples(new URL(server.url).host, adminSecret)[kind];
    const ask = async (repository: string) => {
      const [method, path, init] = sample(repository);
      return answered(await server.ask(path, { ...init, method }, secrets[name]));
    };
    const { status, body } = await ask("team/app");
    const isAllowed =
      need === "nothing" ||
      (need === "a credential" && caller.isKnown) ||
      (need === "server" ? caller.isAdmin === true : caller.rights.includes(need as Right));
    const hasCredential = caller.isKnown || secrets[name] === undefined || caller.isGuest === true;
    if (need === "nothing" && hasCredential) expect(status, body).toBe(200);
    else if (!hasCredential) expect(status, body).toBe(401);
    else if (isAllowed) {
      // The image is in the repository of images without a name, to which this caller may not push.
      if (kind === "load" && !caller.isAdmin) expect(status, body).toBe(caller.isGuest ? 401 : 403);
      else expect([401, 403, 429], body).not.toContain(status);
      expect(status, body).toBeLessThan(500);
    } else {
      // The caller may not see it, so the server answers as for a missing image.
      expect([401, 403, 404], body).toContain(status);
      if (caller.isKnown && need !== "server") expect(status, body).not.toBe(caller.isGuest ? 403 : 401);
      const ghost = await ask("team/ghost");
      if (!caller.rights.includes("pull")) {
        expect({ ...ghost, body: ghost.body.replaceAll("team/ghost", "team/app") }).toEqual({ status, body });
      }
    }
  });

  test("lists contain only what the caller may see", async () => {
    const listed = async (path: string) => {
      const response = await server.ask(path, {}, secrets[name]);
      return response.ok ? await response.text() : "";
    };
    for (const path of ["/v2/_catalog", "/v1/images", "/v1/builds"]) {
      expect((await listed(path)).includes("team/app")).toBe(caller.rights.includes("pull"));
    }
  });
});

test("without an admin token, local callers have all rights", async () => {
  await using open = await CredentialedServer.start({ VARVE_ADMIN_TOKEN: "" });
  for (const { method, path, isSocket, need } of routeNeeds) {
    if (isSocket || need === "own token") continue;
    const sample = routeSamples(build)[`${method} ${path}`] as Sample;
    const [at, init] = sample("team/app");
    const { status, body } = await answered(await open.ask(at, { ...init, method }));
    expect([401, 403, 429], `${method} ${path}: ${body}`).not.toContain(status);
  }
  for (const [endpoint, sample] of Object.entries(registrySamples)) {
    const [method, path, init] = sample("team/app");
    const { status } = await answered(await open.ask(path, { ...init, method }));
    expect([401, 403, 429], endpoint).not.toContain(status);
  }
});
