import { join } from "node:path";
import type { AccessSettings, CreatedToken, TokenRequest } from "../../../schemas/access.ts";
import { type LocalServer, startLocalServer } from "../../../src/serve/local-server.ts";
import { type ContextFiles, contextOf } from "../../helpers/context-archive.ts";
import { send } from "../../helpers/send.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

/** The admin's secret. */
export const adminSecret = "secret-of-the-admin";

/** A server that requires credentials, with an empty state and an empty page. */
export class CredentialedServer implements AsyncDisposable {
  readonly #folder = temporaryFolder({ "assets/index.html": "" });
  readonly #variables: Record<string, string>;
  #server: LocalServer | undefined;

  private constructor(variables: Record<string, string>) {
    this.#variables = { VARVE_ADMIN_TOKEN: adminSecret, ...variables };
  }

  static async start(variables: Record<string, string> = {}): Promise<CredentialedServer> {
    const server = new CredentialedServer(variables);
    await server.restart();
    return server;
  }

  /** Restarts the server with its state, at another URL. */
  async restart(): Promise<void> {
    await this.#server?.close();
    const place = (name: string) => join(this.folder, name);
    const variables = this.#variables;
    this.#server = await startLocalServer({
      port: 0,
      data: place("data"),
      assets: place("assets"),
      variables,
    });
  }

  /** As `http://127.0.0.1:8787`. */
  get url(): string {
    return `http://127.0.0.1:${new URL(this.#server?.url ?? "").port}`;
  }

  /** Folder of its data. */
  get folder(): string {
    return this.#folder.path;
  }

  /** Requests a path, with a bearer token if given. Failures are counted by address, so each request has another one. */
  ask(path: string, init: RequestInit = {}, secret?: string): Promise<Response> {
    const address = [127, ...crypto.getRandomValues(new Uint8Array(3))].join(".");
    return this.#ask(address, path, init, secret);
  }

  async statusOf(path: string, secret?: string, init: RequestInit = {}): Promise<number> {
    return (await this.ask(path, init, secret)).status;
  }

  /** Builds these files. */
  build(secret: string, query: string, files: ContextFiles): Promise<Response> {
    return this.ask(`/v1/builds?${query}`, { method: "POST", body: contextOf(files) }, secret);
  }

  /** As `ask`, from an address of this machine. */
  askFrom(address: string, path: string, secret?: string, init: RequestInit = {}): Promise<Response> {
    return this.#ask(address, path, init, secret);
  }

  /** Requests a path as the admin. @throws {Error} when the request is rejected */
  async order(method: string, path: string, body?: object | string | Uint8Array): Promise<Response> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const init = { method, ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }) };
    // Without an admin, this machine needs no credential.
    const secret = this.#variables.VARVE_ADMIN_TOKEN || undefined;
    const response = await this.ask(path, init as RequestInit, secret);
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

  #ask(from: string, path: string, init: RequestInit, secret: string | undefined): Promise<Response> {
    const headers = new Headers(init.headers);
    if (secret !== undefined) headers.set("authorization", `Bearer ${secret}`);
    const { method = "GET", body = null, signal = null } = init;
    return send(`${this.url}${path}`, { method, body, signal, headers, from });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
    this.#folder[Symbol.dispose]();
  }
}
