import type { ServerResponse } from "node:http";
import { Issuer } from "../helpers/issuer.ts";
import { type LoopbackServer, serveLoopback } from "../helpers/loopback.ts";

/** Claims of GitHub's tokens that matter here. */
interface JobClaims extends Record<string, string> {
  repository: string;
}

/** GitHub as a job sees it: an issuer of OIDC tokens, and the service from which the job requests a token. */
export class OidcIssuer implements AsyncDisposable {
  readonly #issuer: Issuer;
  readonly #service: LoopbackServer;
  /** Audiences of requested tokens. */
  readonly audiences: string[];

  private constructor(issuer: Issuer, service: LoopbackServer, audiences: string[]) {
    this.#issuer = issuer;
    this.#service = service;
    this.audiences = audiences;
  }

  static async start(claims: JobClaims): Promise<OidcIssuer> {
    const issuer = await Issuer.start();
    const audiences: string[] = [];
    const answer = async (audience: string, response: ServerResponse) => {
      audiences.push(audience);
      const value = await issuer.token({ ...claims, aud: audience });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ value }));
    };
    const service = await serveLoopback((request, response) => {
      const { searchParams } = new URL(request.url ?? "/", "http://service");
      if (request.headers.authorization?.toLowerCase() !== "bearer request-token")
        response.writeHead(401).end();
      else void answer(searchParams.get("audience") ?? "", response);
    });
    return new OidcIssuer(issuer, service, audiences);
  }

  get url(): string {
    return this.#issuer.url;
  }

  /** What a job with `id-token: write` has in its environment. */
  get environment(): Record<string, string> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.#service.origin}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]();
    await this.#issuer[Symbol.asyncDispose]();
  }
}
