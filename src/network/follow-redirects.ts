import { decodeOrKeep } from "../streams/percent-encoding.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import { NetworkPolicyError } from "./network-policy.ts";

/** The subset of the global `fetch` that is used. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Called for each request of a chain of redirects. */
interface RedirectHooks {
  /** Throws when the URL must not be requested; may change the headers. */
  before?(url: URL, headers: Headers): void;
  /** Throws when the response must not be used; its body is then cancelled. */
  after?(url: URL, response: Response, headers: Headers): void;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that are sent only to the origin of the first URL. */
const PRIVATE_HEADERS = ["authorization", "cookie", "proxy-authorization"];

/**
 * A `fetch` that follows at most five redirects and removes credentials permanently on a redirect to another origin,
 * where runtimes differ. `redirect: "manual"` returns a redirect unchanged, for requests with credentials in the body.
 * @throws {NetworkPolicyError}
 */
export function followRedirects(fetch: Fetch, hop: RedirectHooks = {}): Fetch {
  return async function followRedirects(
    url,
    { headers: given, method: wanted = "GET", body: sent, redirect, ...rest } = {},
  ) {
    let target = new URL(url);
    const headers = new Headers(given);
    moveCredentials(target, headers);
    let method = wanted;
    let body = sent ?? undefined;
    for (let redirects = 0; ; redirects++) {
      hop.before?.(target, headers);
      const response = await fetch(target.href, {
        ...rest,
        method,
        headers,
        redirect: "manual",
        ...(body !== undefined && { body }),
      });
      try {
        hop.after?.(target, response, headers);
      } catch (error) {
        await response.body?.cancel();
        throw error;
      }
      if (redirect === "manual" || !REDIRECTS.has(response.status)) return response;
      await response.body?.cancel();
      if (redirects === MAX_REDIRECTS)
        throw new NetworkPolicyError("BAD_REDIRECT", target, `more than ${MAX_REDIRECTS} redirects`);
      const location = response.headers.get("Location");
      const next = location ? URL.parse(location, target) : null;
      if (next === null)
        throw new NetworkPolicyError("BAD_REDIRECT", target, "a redirect without a usable Location");
      next.username = "";
      next.password = "";
      if (next.origin !== target.origin) for (const name of PRIVATE_HEADERS) headers.delete(name);
      if (response.status < 307 && method !== "HEAD") {
        method = "GET";
        body = undefined;
      }
      if (body instanceof ReadableStream)
        throw new NetworkPolicyError("BAD_REDIRECT", target, "a redirect of a stream, which is sent once");
      target = next;
    }
  };
}

/** `fetch` rejects URLs with credentials, which mean Basic authentication. */
function moveCredentials(url: URL, headers: Headers): void {
  if (url.username === "" && url.password === "") return;
  const user = decodeOrKeep(url.username);
  const password = decodeOrKeep(url.password);
  if (!headers.has("Authorization")) headers.set("Authorization", basicAuthorization(user, password));
  url.username = "";
  url.password = "";
}
