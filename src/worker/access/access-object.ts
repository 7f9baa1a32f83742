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
import { logFault } from "../operation/log.ts";
import { storeOf } from "../store.ts";
import { AccessCopies, type Copy } from "./access-copies.ts";
import type { AccessService, Configured } from "./access-service.ts";
import type { CredentialRefusal, Identified, Standing } from "./caller.ts";
import { mergeSettings } from "./configured.ts";
import { FailedLogins } from "./failed-logins.ts";
import { type AccessRecords, identify, type Sender, whyOver } from "./identify.ts";
import { type Issued, issue, type TokenIssueRequest } from "./issue.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { type StoredToken, TokenTable } from "./token-table.ts";

export class Access extends DurableObject<Env> implements AccessService {
  readonly #tokens: TokenTable;
  readonly #keys: IssuerKeys;
  readonly #attempts = new FailedLogins();
  readonly #copies: AccessCopies;
  #written: Promise<unknown> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tokens = new TokenTable(ctx.storage.sql);
    this.#copies = new AccessCopies(storeOf(env));
    this.#keys = new IssuerKeys(checkedFetch({ allowLoopback: env.VARVE_LOCAL === "1" }));
  }

  async identify(sender: Sender, configured: Configured): Promise<Identified> {
    const identified = await identify(sender, this.#known(configured));
    const subject = "caller" in identified ? identified.caller.standing?.subject : undefined;
    if (subject?.kind === "token") this.ctx.waitUntil(this.#publishToken(subject.id).catch(logFault));
    return identified;
  }

  async whyOver(standings: readonly Standing[], configured: Configured): Promise<(string | undefined)[]> {
    const known = this.#known(configured);
    return Promise.all(standings.map((standing) => whyOver(standing, known)));
  }

  async issue(
    request: TokenIssueRequest,
    configured: Configured,
  ): Promise<Issued | { refusal: CredentialRefusal }> {
    return issue(request, this.#known(configured));
  }

  async createToken(request: TokenRequest): Promise<CreatedToken> {
    const { info, token } = this.#tokens.create(request);
    // A failure is harmless: without a copy, the object identifies the token.
    await this.#inOrder(() => this.#keepToken(info.id)).catch(logFault);
    return { ...info, token };
  }

  async tokens(): Promise<TokenInfo[]> {
    return this.#tokens.all().map(withoutHash);
  }

  async revoke(id: string): Promise<TokenInfo | undefined> {
    const known = this.#tokens.find(id);
    this.#tokens.remove(id);
    // An earlier call may have been interrupted before it removed the copy.
    const token = known ?? (await this.#copies.token(id))?.value;
    await this.#inOrder(() => this.#copies.removeToken(id));
    return token && withoutHash(token);
  }

  async settings(): Promise<AccessSettings> {
    return this.#settings();
  }

  async keepSettings(settings: AccessSettings): Promise<void> {
    this.ctx.storage.kv.put("settings", settings);
    await this.#inOrder(() => this.#copies.keepSettings(this.#settings()));
  }

  async publishSettings(): Promise<AccessSettings> {
    const write = async () => {
      if (isDue(await this.#copies.settings())) await this.#copies.keepSettings(this.#settings());
    };
    this.ctx.waitUntil(this.#inOrder(write).catch(logFault));
    return this.#settings();
  }

  async renewToken(id: string): Promise<void> {
    const token = this.#tokens.find(id);
    if (token !== undefined) this.#tokens.noteUse(token, Date.now());
    await this.#publishToken(id);
  }

  async signingKey(): Promise<Uint8Array> {
    return this.#ownKey();
  }

  async #publishToken(id: string): Promise<void> {
    await this.#inOrder(async () => {
      if (isDue(await this.#copies.token(id))) await this.#keepToken(id);
    });
  }

  async #keepToken(id: string): Promise<void> {
    const token = this.#tokens.find(id);
    await (token === undefined ? this.#copies.removeToken(id) : this.#copies.keepToken(token));
  }

  /** Writes copies one after the other, so that an earlier state never replaces a later one. */
  #inOrder<T>(write: () => Promise<T>): Promise<T> {
    const written = this.#written.then(write);
    this.#written = written.catch(() => {});
    return written;
  }

  #settings(): AccessSettings {
    return accessSettings.parse(this.ctx.storage.kv.get("settings") ?? {});
  }

  #known({ admin, settings, signingKey }: Configured): AccessRecords {
    const ownKey = () => this.#ownKey();
    return {
      admin,
      settings: mergeSettings(settings, this.#settings()),
      tokens: this.#tokens,
      keys: this.#keys,
      async *signingKeys() {
        if (signingKey !== undefined) yield signingKey;
        yield ownKey();
      },
      attempts: this.#attempts,
      now: Date.now(),
    };
  }

  /** The signing key, created on first use. */
  #ownKey(): Uint8Array {
    const { kv } = this.ctx.storage;
    const known = kv.get<Uint8Array>("signing key");
    if (known !== undefined) return known;
    const key = crypto.getRandomValues(new Uint8Array(32));
    kv.put("signing key", key);
    return key;
  }
}

/** Whether a copy has to be written. */
function isDue(copy: Copy<unknown> | undefined): boolean {
  return copy === undefined || copy.renew <= Date.now();
}

function withoutHash({ hash: _, ...info }: StoredToken): TokenInfo {
  return info;
}
