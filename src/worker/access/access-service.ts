import type { AccessSettings, CreatedToken, TokenInfo, TokenRequest } from "../../../schemas/access.ts";
import { type Placement, singleObject } from "../placement.ts";
import type { CredentialRefusal, Identified, Standing } from "./caller.ts";
import type { Sender } from "./identify.ts";
import type { Issued, TokenIssueRequest } from "./issue.ts";

/** Access settings from the variables of the Worker; the object stores others. */
export interface Configured {
  /** Digest of the admin's secret. */
  admin: string | undefined;
  settings: AccessSettings;
  /** The key that signs tokens; undefined to use that of the object. */
  signingKey: Uint8Array | undefined;
}

/**
 * The object that stores the hashes of tokens and the access settings, and counts failed logins. It writes copies of both to
 * R2, so that Workers identify most callers without calling it: see `AccessCopies`.
 */
export interface AccessService extends Rpc.DurableObjectBranded {
  identify(sender: Sender, configured: Configured): Promise<Identified>;
  /** Why each credential is no longer valid; undefined for those that are. */
  whyOver(standings: readonly Standing[], configured: Configured): Promise<(string | undefined)[]>;
  issue(request: TokenIssueRequest, configured: Configured): Promise<Issued | { refusal: CredentialRefusal }>;
  createToken(request: TokenRequest): Promise<CreatedToken>;
  tokens(): Promise<TokenInfo[]>;
  /** Returns the revoked token; undefined when there is none of this id, and no copy of it. */
  revoke(id: string): Promise<TokenInfo | undefined>;
  /** The stored settings, without those of the Worker. */
  settings(): Promise<AccessSettings>;
  keepSettings(settings: AccessSettings): Promise<void>;
  /** The stored settings. Also starts writing their copy if that is due. */
  publishSettings(): Promise<AccessSettings>;
  /** Records a use of a token and renews its copy, or removes the copy of a token that does not exist. */
  renewToken(id: string): Promise<void>;
  /** The key of the object, for tokens that the server signs. */
  signingKey(): Promise<Uint8Array>;
}

export function accessObject(env: { ACCESS: DurableObjectNamespace<AccessService> } & Placement) {
  return singleObject(env.ACCESS, "access", env);
}
