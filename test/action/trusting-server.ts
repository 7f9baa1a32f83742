import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { LocalServer } from "../../src/serve/local-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { startTestServer } from "../helpers/test-server.ts";
import { OidcIssuer } from "./oidc-issuer.ts";

export const admin = "an-admin-of-the-test";
/** The audience of the jobs' tokens. */
export const audience = "https://varve.test";

/** A server that trusts the jobs of the repository `team/app`, and their issuer. Both are started before the tests. */
interface TrustingServer {
  server: LocalServer;
  issuer: OidcIssuer;
  /** The JSON at a path, as the admin sees it. */
  asAdmin<T>(path: string): Promise<T>;
}

/** Starts a server for a file of tests. @param scope rights of the trusted jobs */
export function useTrustingServer(scope: string): Readonly<TrustingServer> {
  const parts = {
    async asAdmin(path) {
      const headers = { authorization: `Bearer ${admin}`, accept: "*/*" };
      const answer = await fetch(`${parts.server.url}${path}`, { headers });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    },
  } as TrustingServer;
  const state = temporaryFolder();
  beforeAll(async () => {
    parts.issuer = await OidcIssuer.start({ repository: "team/app" });
    const claims = { repository: "team/app" };
    const trust = { name: "github", issuer: parts.issuer.url, audience, claims, scopes: [scope] };
    parts.server = await startTestServer({
      port: 0,
      data: join(state.path, "data"),
      variables: {
        VARVE_ADMIN_TOKEN: admin,
        VARVE_ACCESS: JSON.stringify({ trust: [trust] }),
        VARVE_RUNNER_WAIT: "60",
      },
    });
  });
  afterAll(async () => {
    await parts.server?.close();
    await parts.issuer?.[Symbol.asyncDispose]();
    state[Symbol.dispose]();
  });
  return parts;
}
