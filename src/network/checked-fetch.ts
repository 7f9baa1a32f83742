import { basicAuthorization } from "./basic-authorization.ts";
import { checkUrl, type NetworkPolicy, NetworkPolicyError } from "./network-policy.ts";

/** The part of the global `fetch` that is used. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Of requests: what the policy calls its own mark. Of an answer: the mark of who was asked, when that is who asks. */
export const MARK_HEADER = "varve-mark";
/** Headers that are for the server that was asked and nobody else. */
const PRIVATE_HEADERS = ["authorization", "cookie", "proxy-authorization"];

/**
 * A `fetch` for builds: every address is checked before it is asked, redirects are followed by hand, at most five,
 * and credentials are dropped for good on the way to another origin. A server that would ask itself, under whatever name,
 * is told so: it would answer what the build may not see.
 */
export function checkedFetch(policy: NetworkPolicy, fetch: Fetch = globalThis.fetch): Fetch {
  return async function checkedFetch(
    url,
    { headers: given, method: wanted = "GET", body: sent, ...rest } = {},
  ) {
    let target = new URL(url);
    const headers = new Headers(given);
    moveCredentials(target, headers);
    if (policy.ownMark !== undefined) headers.set(MARK_HEADER, policy.ownMark);
    let method = wanted;
    let body = sent ?? undefined;
    for (let redirects = 0; ; redirects++) {
      checkUrl(target, policy);
      const response = await fetch(target.href, {
        ...rest,
        method,
        headers,
        redirect: "manual",
        ...(body !== undefined && { body }),
      });
      const isOwn = policy.ownMark !== undefined && response.headers.get(MARK_HEADER) === policy.ownMark;
      if (!isOwn && !REDIRECTS.has(response.status)) return response;
      await response.body?.cancel();
      if (isOwn) throw new NetworkPolicyError("ADDRESS_REFUSED", target, "it is the server that asks");
      if (redirects === MAX_REDIRECTS) {
        throw new NetworkPolicyError("BAD_REDIRECT", target, `more than ${MAX_REDIRECTS} redirects`);
      }
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
      target = next;
    }
  };
}

/** `fetch` refuses URLs with a user in them; they mean Basic authentication. */
function moveCredentials(url: URL, headers: Headers): void {
  if (url.username === "" && url.password === "") return;
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  if (!headers.has("Authorization")) headers.set("Authorization", basicAuthorization(user, password));
  url.username = "";
  url.password = "";
}
