import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { type LoopbackServer, serveLoopback } from "./loopback.ts";

interface Key {
  id: string;
  sign: CryptoKey;
  jwk: object;
}

/** An OIDC issuer on loopback, like GitHub's: a discovery document and keys. */
export class Issuer implements AsyncDisposable {
  readonly url: string;
  /** Requested paths. */
  readonly asked: string[] = [];
  /** Answers with 500 while true. */
  isBroken = false;
  #keys: Key[] = [];
  readonly #server: LoopbackServer;

  private constructor(server: LoopbackServer) {
    this.url = server.origin;
    this.#server = server;
  }

  static async start(): Promise<Issuer> {
    let issuer: Issuer;
    const server = await serveLoopback((request, response) => {
      const [status, document] = issuer.#answer(request.url ?? "");
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
    });
    issuer = new Issuer(server);
    await issuer.rotate();
    return issuer;
  }

  /** Replaces the key. */
  async rotate(algorithm = "RS256"): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    const id = crypto.randomUUID();
    const jwk = { ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: "sig" };
    this.#keys = [{ id, sign: privateKey, jwk }];
  }

  /** A token that is valid for five minutes, unless the claims differ. */
  async token(claims: JWTPayload, algorithm = "RS256"): Promise<string> {
    const [key] = this.#keys as [Key];
    const seconds = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, aud: "varve", iat: seconds, exp: seconds + 300, ...claims })
      .setProtectedHeader({ alg: algorithm, kid: key.id, typ: "JWT" })
      .sign(key.sign);
  }

  /** Its public keys. */
  get publicKeys(): object[] {
    return this.#keys.map(({ jwk }) => jwk);
  }

  #answer(path: string): [number, object] {
    this.asked.push(path);
    if (this.isBroken) return [500, {}];
    if (path === "/.well-known/openid-configuration") {
      return [200, { issuer: this.url, jwks_uri: `${this.url}/.well-known/jwks` }];
    }
    return path === "/.well-known/jwks" ? [200, { keys: this.publicKeys }] : [404, {}];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
