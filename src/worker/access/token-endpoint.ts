import { type Context, Hono } from "hono";
import { errorResponse } from "../../registry/server/responses.ts";
import { TooLargeError } from "../../streams/collect.ts";
import type { App } from "../environment.ts";
import { readRequestText } from "../http/request-body.ts";
import { issueToken } from "./callers.ts";
import { clientAddress } from "./client-address.ts";
import { configuredOf } from "./configured.ts";
import { type Credential, readCredential } from "./credential.ts";
import { credentialRejectedError } from "./denial.ts";
import type { TokenIssueRequest } from "./issue.ts";
import { registryDenial } from "./registry-denial.ts";

/** Maximum size in bytes of a form. */
const MAX_BODY = 64 * 1024;

/**
 * `/v2/token`: registry tokens according to distribution's token specification, with GET and Basic, or with POST and an
 * OAuth 2 form. A token grants those requested scopes that the caller's rights cover.
 */
export const tokenEndpoint = new Hono<App>();

tokenEndpoint.get("/", async (c) => {
  const { searchParams: query } = new URL(c.req.url);
  return issueResponse(c, {
    credential: readCredential(c.req.header("authorization")),
    scopes: query.getAll("scope"),
    offline: query.get("offline_token") === "true",
  });
});

tokenEndpoint.post("/", async (c) => {
  const form = await readForm(c.req.raw);
  const grant = form.get("grant_type");
  const scopes = form.getAll("scope");
  const offline = form.get("access_type") === "offline";
  if (grant === "refresh_token") {
    return issueResponse(c, { credential: bearer(form.get("refresh_token")), scopes, offline });
  }
  if (grant !== "password") {
    // RFC 6749, section 5.2
    const fault = {
      error: "unsupported_grant_type",
      error_description: "grant_type must be password or refresh_token",
    };
    return c.json(fault, 400, { "cache-control": "no-store" });
  }
  return issueResponse(c, { credential: bearer(form.get("password")), scopes, offline });
});

async function issueResponse(
  c: Context<App>,
  request: Omit<TokenIssueRequest, "address">,
): Promise<Response> {
  const configured = configuredOf(c.env);
  const address = clientAddress(c.req.raw.headers, c.env);
  const issued = await issueToken({ ...request, address }, c.env, configured);
  if ("refusal" in issued) {
    const denial = registryDenial(
      credentialRejectedError(issued.refusal),
      `Basic realm="${new URL(c.req.url).host}"`,
    );
    return errorResponse(denial, c.req.method);
  }
  const { token, expiresIn, issuedAt, refreshToken } = issued;
  const body = {
    token,
    access_token: token,
    token_type: "Bearer",
    expires_in: expiresIn,
    issued_at: issuedAt,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  };
  return c.json(body, 200, { "cache-control": "no-store" });
}

/** The credential of a secret in a form. */
function bearer(secret: string | null): Credential {
  return { scheme: "bearer", secret: secret ?? "" };
}

async function readForm(request: Request): Promise<URLSearchParams> {
  try {
    return new URLSearchParams(await readRequestText(request, MAX_BODY));
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error;
    return new URLSearchParams();
  }
}
