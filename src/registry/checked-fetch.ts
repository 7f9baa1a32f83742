import { basicAuthorization } from "./basic-authorization.ts";
import { checkUrl, type NetworkPolicy, NetworkPolicyError } from "./network-policy.ts";

/** The part of the global `fetch` that is used. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that are for the server that was asked and nobody else. */
const PRIVATE_HEADERS = ["authorization", "cookie", "proxy-authorization"];

/**
 * A `fetch` for builds: every address is checked before it is asked, redirects are followed by hand, at most five,
 * and credentials are dropped for good on the way to another origin.
 */
export function checkedFetch(policy: NetworkPolicy, fetch: Fetch = globalThis.fetch): Fetch {
  return async function checkedFetch(
    url,
    { headers: given, method: wanted = "GET", body: sent, ...rest } = {},
  ) {
    let target = new URL(url);
    const headers = new Headers(given);
    moveCredentials(target, headers);
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
      if (!REDIRECTS.has(response.status)) return response;
      await response.body?.cancel();
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
