import type { CreatedToken, TokenInfo, TokenList, TokenRequest } from "../../schemas/access.ts";
import type { Service } from "./service.ts";

/** The tokens of a server, for its admin. Errors: those of `Service`. */
export class AccessTokens {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Makes a token. Only this answer contains it. */
  create(request: TokenRequest): Promise<CreatedToken> {
    const headers = { "content-type": "application/json" };
    return this.#service.ask("/v1/tokens", { method: "POST", headers, body: JSON.stringify(request) });
  }

  async list(): Promise<TokenInfo[]> {
    return (await this.#service.ask<TokenList>("/v1/tokens")).tokens;
  }

  /** @returns the revoked token's description */
  revoke(id: string): Promise<TokenInfo> {
    return this.#service.ask(`/v1/tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
  }
}
