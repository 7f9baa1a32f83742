import { type Fetch, followRedirects } from "./follow-redirects.ts";
import { checkUrl, type NetworkPolicy, NetworkPolicyError, reachesThisMachine } from "./network-policy.ts";

export type { Fetch } from "./follow-redirects.ts";

/** Header of a request that may reach the server which sends it, and of that server's answer. */
export const MARK_HEADER = "varve-mark";

/**
 * A `fetch` for builds: checks every address, also of redirects, and keeps credentials at their origin. Rejects answers
 * of the server that sends the request, under whatever name: it answers what the build must not see.
 *
 * @throws NetworkPolicyError
 */
export function checkedFetch(policy: NetworkPolicy, fetch: Fetch = globalThis.fetch): Fetch {
  const { newMark } = policy;
  return followRedirects(fetch, {
    before(url, headers) {
      checkUrl(url, policy);
      headers.delete(MARK_HEADER);
      if (newMark !== undefined && reachesThisMachine(url)) headers.set(MARK_HEADER, newMark());
    },
    after(url, response, headers) {
      const mark = headers.get(MARK_HEADER);
      if (mark === null || response.headers.get(MARK_HEADER) !== mark) return;
      throw new NetworkPolicyError("ADDRESS_REFUSED", url, "it is the server that asks");
    },
  });
}
