import type { AccessSettings } from "../../../schemas/access.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Caller, CredentialRefusal, Identified, Standing } from "./caller.ts";
import { isEqualInConstantTime } from "./constant-time.ts";
import type { Credential } from "./credential.ts";
import type { FailedLogins } from "./failed-logins.ts";
import { everything, type Grant, grantOf } from "./grants.ts";
import { type IssuerKeys, IssuerUnavailableError } from "./issuer-keys.ts";
import { isJwt, verifyOidc } from "./oidc.ts";
import {
  isSignedHere,
  readSigned,
  type SignedClaims,
  type SigningKeys,
  type TokenSubject,
} from "./signed-token.ts";
import { type StoredToken, tokenId } from "./token-table.ts";
import { ruleDigest } from "./trust.ts";

/** The parts of a request that identify its sender. */
export interface Sender {
  credential: Credential | undefined;
  /** For counting failed logins. */
  address: string;
}

/** The secrets, tokens and rules with which callers are identified. */
export interface AccessRecords {
  /** Digest of the admin's secret, when one is configured. */
  admin: string | undefined;
  settings: AccessSettings;
  tokens: {
    find(id: string): StoredToken | undefined | Promise<StoredToken | undefined>;
    noteUse(token: StoredToken, now: number): void;
  };
  keys: Pick<IssuerKeys, "of">;
  signingKeys(): SigningKeys;
  attempts: Pick<FailedLogins, "fail">;
  /** Milliseconds since 1970. */
  now: number;
}

/** A verified credential. */
interface VerifiedCredential extends Standing {
  grants: Grant[];
  /** Set when the credential is a token that this server signed. */
  use?: SignedClaims["use"];
}

/** Identifies the sender of a request. */
export async function identify(sender: Sender, known: AccessRecords): Promise<Identified> {
  const { credential } = sender;
  if (credential === undefined) return { caller: callerOf("anonymous", [], known) };
  const proven = await prove(credential.secret, sender.address, known);
  if ("reason" in proven) return { refusal: proven };
  const { subject, expires, grants, use } = proven;
  const standing = { subject, ...(expires !== undefined && { expires }) };
  const canEnd = subject.kind === "token" || subject.kind === "oidc";
  const caller = { ...callerOf(subject.kind, grants, known), isNarrowed: use === "access" };
  return { caller: { ...caller, ...(canEnd && { standing }) } };
}

/** Why a credential is no longer valid; undefined while it is. */
export async function whyOver(
  { subject, expires }: Standing,
  known: AccessRecords,
): Promise<string | undefined> {
  if (expires !== undefined && expires * 1000 <= known.now) return "the token has expired";
  const behind = await parentOf(subject, known);
  return "reason" in behind ? behind.detail : undefined;
}

/** Verifies a secret of any kind. */
export async function prove(
  secret: string,
  address: string,
  known: AccessRecords,
): Promise<VerifiedCredential | CredentialRefusal> {
  const id = tokenId(secret);
  if (id !== undefined) return proveToken(secret, id, address, known);
  if (isSignedHere(secret)) return (await proveSigned(secret, known)) ?? fail(address, known);
  if (isJwt(secret)) return proveOidc(secret, address, known);
  return proveAdmin(secret, address, known);
}

function callerOf(kind: Caller["kind"], grants: readonly Grant[], { settings }: AccessRecords): Caller {
  const pulls = settings.public.map((repositories): Grant => ({ rights: ["pull"], repositories }));
  const starts = settings.start.map((repositories): Grant => ({ rights: ["start"], repositories }));
  return { kind, grants: [...grants, ...pulls, ...starts], isNarrowed: false, public: settings.public };
}

function proveAdmin(
  secret: string,
  address: string,
  known: AccessRecords,
): VerifiedCredential | CredentialRefusal {
  const { admin } = known;
  if (admin === undefined || !isEqualInConstantTime(sha256(secret), admin)) return fail(address, known);
  return {
    subject: { kind: "admin", secret: admin },
    grants: [{ rights: ["admin"], repositories: everything }],
  };
}

async function proveToken(
  secret: string,
  id: string,
  address: string,
  known: AccessRecords,
): Promise<VerifiedCredential | CredentialRefusal> {
  const token = await known.tokens.find(id);
  // Compare even without a token, so that both cases take the same time.
  if (!isEqualInConstantTime(sha256(secret), token?.hash ?? sha256("")) || token === undefined)
    return fail(address, known);
  return aliveToken(token, known);
}

function aliveToken(
  token: StoredToken,
  { tokens, now }: AccessRecords,
): VerifiedCredential | CredentialRefusal {
  const { id, scopes, expires } = token;
  if (expires !== undefined && Date.parse(expires) <= now) {
    return { reason: "expired", detail: `the token has expired at ${expires}` };
  }
  tokens.noteUse(token, now);
  return {
    subject: { kind: "token", id },
    grants: scopes.map(grantOf),
    ...(expires !== undefined && { expires: Math.floor(Date.parse(expires) / 1000) }),
  };
}

/** Undefined when this server did not sign it. */
async function proveSigned(
  secret: string,
  known: AccessRecords,
): Promise<VerifiedCredential | CredentialRefusal | undefined> {
  const claims = await readSigned(secret, known.signingKeys());
  if (claims === undefined) return undefined;
  if (claims === "expired") return { reason: "expired", detail: "the token has expired" };
  const { use, by, scopes, exp } = claims;
  const behind = await parentOf(by, known);
  if ("reason" in behind) return behind;
  return {
    subject: by,
    grants: scopes.map(grantOf),
    use,
    ...(exp !== undefined && { expires: exp }),
  };
}

/** Checks that the credential for which a token was signed is still valid. @returns an empty object if so */
async function parentOf(
  by: TokenSubject,
  known: AccessRecords,
): Promise<CredentialRefusal | Record<never, never>> {
  const over: CredentialRefusal = {
    reason: "unknown",
    detail: "the token is revoked, or this server did not issue it",
  };
  switch (by.kind) {
    case "guest":
      return {};
    case "admin":
      return known.admin !== undefined && isEqualInConstantTime(by.secret, known.admin) ? {} : over;
    case "oidc": {
      const named = known.settings.trust.filter(({ name }) => by.rules.includes(name));
      const digests = new Set(named.map(ruleDigest));
      return by.digests.every((digest) => digests.has(digest)) ? {} : over;
    }
    case "token": {
      const token = await known.tokens.find(by.id);
      return token === undefined ? over : aliveToken(token, known);
    }
  }
}

async function proveOidc(
  secret: string,
  address: string,
  known: AccessRecords,
): Promise<VerifiedCredential | CredentialRefusal> {
  try {
    const verified = await verifyOidc(secret, known.settings.trust, known.keys);
    if ("rules" in verified) {
      return {
        subject: {
          kind: "oidc",
          rules: verified.rules.map(({ name }) => name),
          digests: verified.rules.map(ruleDigest),
        },
        grants: verified.grants,
        expires: verified.expires,
      };
    }
    const { refused, detail } = verified;
    return refused === "unknown" ? fail(address, known, detail) : { reason: refused, detail };
  } catch (error) {
    if (!(error instanceof IssuerUnavailableError)) throw error;
    return { reason: "unavailable", detail: "the keys of its issuer cannot be fetched", retryAfter: 30 };
  }
}

/** Rejects a secret. After too many failures the client must wait. */
function fail(address: string, { attempts, now }: AccessRecords, detail?: string): CredentialRefusal {
  const wait = attempts.fail(address, now);
  if (wait > 0) return rateLimitRefusal(wait);
  return {
    reason: "unknown",
    detail: detail ?? "it is mistyped, revoked, or for another server",
  };
}

function rateLimitRefusal(milliseconds: number): CredentialRefusal {
  return {
    reason: "limited",
    detail: "too many attempts have failed",
    retryAfter: Math.ceil(milliseconds / 1000),
  };
}
