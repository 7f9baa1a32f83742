import type { AccessSettings, CreatedToken, TokenInfo, TokenRequest } from "../../../schemas/access.ts";
import { type Placement, single } from "../placement.ts";
import type { CredentialRefusal, Identified, Standing } from "./caller.ts";
import type { Shown } from "./identify.ts";
import type { Issued, TokenAsked } from "./issue.ts";

/** Access settings of the Worker, as opposed to those of the object. */
export interface Configured {
  /** Digest of the admin's secret. */
  admin: string | undefined;
  settings: AccessSettings;
  /** The key of tokens that the server signs; undefined to use that of the object. */
  signingKey: Uint8Array | undefined;
}

/**
 * The object that identifies callers: stores the hashes of tokens and the access settings, and counts failed
 * attempts. It writes copies of tokens and of the settings to R2, with which Workers identify callers: see
 * `AccessCopies`.
 */
export interface AccessService extends Rpc.DurableObjectBranded {
  identify(shown: Shown, configured: Configured): Promise<Identified>;
  /** The reason why each standing has ended; undefined for those that are valid. */
  whyOver(standings: readonly Standing[], configured: Configured): Promise<(string | undefined)[]>;
  issue(asked: TokenAsked, configured: Configured): Promise<Issued | { refusal: CredentialRefusal }>;
  createToken(request: TokenRequest): Promise<CreatedToken>;
  tokens(): Promise<TokenInfo[]>;
  /** Returns the revoked token; undefined when there is none of this id. */
  revoke(id: string): Promise<TokenInfo | undefined>;
  /** The stored settings, without those of the Worker. */
  settings(): Promise<AccessSettings>;
  keepSettings(settings: AccessSettings): Promise<void>;
  /** The stored settings. Writes their copy when it is due for that, and does not wait for it. */
  publishSettings(): Promise<AccessSettings>;
  /** Records a use of a token and renews its copy, or removes the copy of a token that does not exist. */
  renewToken(id: string): Promise<void>;
  /** The key of the object, for tokens that the server signs. */
  signingKey(): Promise<Uint8Array>;
}

export function accessObject(env: { ACCESS: DurableObjectNamespace<AccessService> } & Placement) {
  return single(env.ACCESS, "access", env);
}
