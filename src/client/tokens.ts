import type { CreatedToken, TokenInfo, TokenList, TokenRequest } from "../../schemas/access.ts";
import type { Service } from "./service.ts";
import { readJson } from "./service-transport.ts";

/** The tokens of a server, for its admin. Errors: those of `Service`. */
export class AccessTokens {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Makes a token. Only this answer contains it. Not repeated: each request that the server receives makes a token. */
  async create(request: TokenRequest): Promise<CreatedToken> {
    const headers = { "content-type": "application/json" };
    const sent = { method: "POST", headers, body: JSON.stringify(request) };
    return readJson(await this.#service.requestOnce("/v1/tokens", sent));
  }

  async list(): Promise<TokenInfo[]> {
    return (await this.#service.ask<TokenList>("/v1/tokens")).tokens;
  }

  /** @returns the revoked token's description */
  revoke(id: string): Promise<TokenInfo> {
    return this.#service.ask(`/v1/tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
  }
}
