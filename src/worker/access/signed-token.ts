import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { scope } from "../../../schemas/access.ts";

/** The credential for which a token was issued. The token is valid only while the credential is. */
const subject = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("guest") }),
  /** With the digest of the admin's secret. */
  z.object({ kind: z.literal("admin"), secret: z.string() }),
  z.object({ kind: z.literal("token"), id: z.string() }),
  /** With the names of the rules that match it, and their digests: see `ruleDigest`. */
  z.object({ kind: z.literal("oidc"), rules: z.array(z.string()), digests: z.array(z.string()) }),
]);
export type TokenSubject = z.infer<typeof subject>;

const signedClaims = z.object({
  /** `access`: for requests to the registry. `refresh`: to get further access tokens. */
  use: z.enum(["access", "refresh"]),
  by: subject,
  /** The granted scopes. */
  scopes: z.array(scope),
  /** Seconds since 1970. */
  exp: z.int().optional(),
});
/** The claims of a token that this server signs. */
export type SignedClaims = z.infer<typeof signedClaims>;

const type = "varve+jwt";
const algorithm = "HS256";

/** Whether a secret claims to be signed by this server. Does not verify it. */
export function isSignedHere(secret: string): boolean {
  try {
    return decodeProtectedHeader(secret).typ === type;
  } catch {
    return false;
  }
}

/** The keys of this server's tokens. The first one signs, and tokens of any key are valid. Read on demand. */
export type SigningKeys = AsyncIterable<Uint8Array>;

/** Signs claims as a JWT, which is opaque to clients. */
export async function sign({ exp, ...claims }: SignedClaims, keys: SigningKeys): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: type }).setIssuedAt();
  for await (const key of keys) return (exp === undefined ? token : token.setExpirationTime(exp)).sign(key);
  throw new TypeError("Cannot sign a token: there is no key");
}

/** The claims of a token; `expired` after its expiry, undefined when it was signed with none of the keys. */
export async function readSigned(
  token: string,
  keys: SigningKeys,
): Promise<SignedClaims | "expired" | undefined> {
  for await (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: [algorithm], typ: type });
      return signedClaims.parse(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) return "expired";
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }
  return undefined;
}
