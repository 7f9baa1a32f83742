import { DurableObject } from "cloudflare:workers";
import {
  type AccessSettings,
  accessSettings,
  type CreatedToken,
  type TokenInfo,
  type TokenRequest,
} from "../../../schemas/access.ts";
import { checkedFetch } from "../../network/checked-fetch.ts";
import type { Env } from "../environment.ts";
import type { AccessService, Configured } from "./access-service.ts";
import { Attempts } from "./attempts.ts";
import type { Identified, Refusal, Standing } from "./caller.ts";
import { identify, type Known, type Shown, whyOver } from "./identify.ts";
import { type Issued, issue, type TokenAsked } from "./issue.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { type StoredToken, TokenTable } from "./token-table.ts";

export class Access extends DurableObject<Env> implements AccessService {
  readonly #tokens: TokenTable;
  readonly #keys: IssuerKeys;
  readonly #attempts = new Attempts();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tokens = new TokenTable(ctx.storage.sql);
    this.#keys = new IssuerKeys(checkedFetch({ allowLoopback: env.VARVE_LOCAL === "1" }));
  }

  async identify(shown: Shown, configured: Configured): Promise<Identified> {
    return identify(shown, this.#known(configured));
  }

  async whyOver(standings: readonly Standing[], configured: Configured): Promise<(string | undefined)[]> {
    const known = this.#known(configured);
    return standings.map((standing) => whyOver(standing, known));
  }

  async issue(asked: TokenAsked, configured: Configured): Promise<Issued | { refusal: Refusal }> {
    return issue(asked, this.#known(configured));
  }

  async createToken(request: TokenRequest): Promise<CreatedToken> {
    const { info, token } = this.#tokens.create(request);
    return { ...info, token };
  }

  async tokens(): Promise<TokenInfo[]> {
    return this.#tokens.all().map(withoutHash);
  }

  async revoke(id: string): Promise<TokenInfo | undefined> {
    const token = this.#tokens.find(id);
    if (token === undefined) return undefined;
    this.#tokens.remove(id);
    return withoutHash(token);
  }

  async settings(): Promise<AccessSettings> {
    return this.#settings();
  }

  async keepSettings(settings: AccessSettings): Promise<void> {
    this.ctx.storage.kv.put("settings", settings);
  }

  #settings(): AccessSettings {
    return accessSettings.parse(this.ctx.storage.kv.get("settings") ?? {});
  }

  #known({ admin, settings }: Configured): Known {
    const kept = this.#settings();
    return {
      admin,
      settings: {
        public: [...settings.public, ...kept.public],
        start: [...settings.start, ...kept.start],
        trust: [...settings.trust, ...kept.trust],
      },
      tokens: this.#tokens,
      keys: this.#keys,
      signingKey: this.#signingKey(),
      attempts: this.#attempts,
      now: Date.now(),
    };
  }

  /** Made once, and known to nobody else. */
  #signingKey(): Uint8Array {
    const { kv } = this.ctx.storage;
    const known = kv.get<Uint8Array>("signing key");
    if (known !== undefined) return known;
    const key = crypto.getRandomValues(new Uint8Array(32));
    kv.put("signing key", key);
    return key;
  }
}

function withoutHash({ hash: _, ...info }: StoredToken): TokenInfo {
  return info;
}
