import { join } from "node:path";
import type { AccessSettings, CreatedToken, TokenRequest } from "../../../schemas/access.ts";
import { startLocalServer } from "../../../src/cli/local-server.ts";
import { temporaryFolder } from "../../cli/folder.ts";

/** The admin's secret. */
export const adminSecret = "secret-of-the-admin";

/** A server that asks everybody for a credential, with an empty state and an empty page. */
export class CredentialedServer implements AsyncDisposable {
  /** As `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Where it keeps everything. */
  readonly folder: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, folder: string, close: () => Promise<void>) {
    this.url = url;
    this.folder = folder;
    this.#close = close;
  }

  static async start(variables: Record<string, string> = {}): Promise<CredentialedServer> {
    const folder = temporaryFolder({ "assets/index.html": "" });
    const server = await startLocalServer({
      port: 0,
      data: join(folder.path, "data"),
      assets: join(folder.path, "assets"),
      variables: { VARVE_ADMIN_TOKEN: adminSecret, ...variables },
    });
    const url = `http://127.0.0.1:${new URL(server.url).port}`;
    return new CredentialedServer(url, folder.path, async () => {
      await server.close();
      folder[Symbol.dispose]();
    });
  }

  /** Asks for a path, with a bearer token when one is given. Failures are counted by address: none counts for another. */
  ask(path: string, init: RequestInit = {}, secret?: string): Promise<Response> {
    const address = [10, ...crypto.getRandomValues(new Uint8Array(3))].join(".");
    return this.#ask(address, path, init, secret);
  }

  /** The same from an address. */
  askFrom(address: string, path: string, secret: string): Promise<Response> {
    return this.#ask(address, path, {}, secret);
  }

  /** The same as admin; throws when it is refused. */
  async order(method: string, path: string, body?: object | string | Uint8Array): Promise<Response> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const init = { method, ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }) };
    const response = await this.ask(path, init as RequestInit, adminSecret);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async createToken(...scopes: string[]): Promise<CreatedToken> {
    return this.createTokenAs({ name: "", scopes });
  }

  async createTokenAs(request: TokenRequest): Promise<CreatedToken> {
    return (await (await this.order("POST", "/v1/tokens", request)).json()) as CreatedToken;
  }

  async settle(settings: Partial<AccessSettings>): Promise<void> {
    await this.order("PUT", "/v1/access", settings);
  }

  #ask(address: string, path: string, init: RequestInit, secret: string | undefined): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("cf-connecting-ip", address);
    if (secret !== undefined) headers.set("authorization", `Bearer ${secret}`);
    return fetch(`${this.url}${path}`, { ...init, headers, redirect: "manual" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
