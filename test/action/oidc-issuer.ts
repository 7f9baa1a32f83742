import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";

/** Claims of GitHub's tokens that matter here. */
interface JobClaims {
  repository: string;
  ref?: string;
}

/** GitHub as a job sees it: an issuer of OIDC tokens, with keys for everybody and tokens for the job. */
export class OidcIssuer implements AsyncDisposable {
  readonly url: string;
  /** Audiences of requested tokens. */
  readonly audiences: string[] = [];
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async start(claims: JobClaims): Promise<OidcIssuer> {
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    const key = { ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" };
    let issuer: OidcIssuer | undefined;
    const server = createServer((request, response) => {
      if (issuer !== undefined) answer(issuer, { claims, privateKey, key }, request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    issuer = new OidcIssuer(
      `http://127.0.0.1:${port}`,
      () => new Promise((resolve) => server.close(() => resolve())),
    );
    return issuer;
  }

  /** What a job with `id-token: write` has in its environment. */
  get environment(): Record<string, string> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request-token",
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

interface Secrets {
  claims: JobClaims;
  privateKey: CryptoKey;
  key: object;
}

async function answer(
  issuer: OidcIssuer,
  { claims, privateKey, key }: Secrets,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", issuer.url);
  const json = (status: number, body: object) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  switch (pathname) {
    case "/.well-known/openid-configuration":
      return void json(200, { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
    case "/keys":
      return void json(200, { keys: [key] });
    case "/token": {
      if (request.headers.authorization?.toLowerCase() !== "bearer request-token") return void json(401, {});
      const audience = searchParams.get("audience") ?? "";
      issuer.audiences.push(audience);
      const token = new SignJWT({ ...claims }).setProtectedHeader({ alg: "RS256", kid: "1" });
      const signed = token.setIssuer(issuer.url).setAudience(audience).setIssuedAt().setExpirationTime("5m");
      return void json(200, { value: await signed.sign(privateKey) });
    }
  }
  json(404, {});
}
