import { type Fetch, followRedirects } from "./follow-redirects.ts";
import { checkUrl, type NetworkPolicy, NetworkPolicyError, reachesThisMachine } from "./network-policy.ts";

export type { Fetch } from "./follow-redirects.ts";

/** Marks requests that may reach the server that sends them, and that server's responses. */
export const MARK_HEADER = "varve-mark";

/**
 * A `fetch` for builds: checks every address, including redirects, and sends credentials only to their origin. Rejects
 * responses of the sending server itself, which may contain data that the build must not see.
 * @throws {NetworkPolicyError}
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
