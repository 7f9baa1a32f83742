import { checkedFetch } from "../../network/checked-fetch.ts";
import type { NetworkPolicy } from "../../network/network-policy.ts";
import type { Credentials } from "./authorizer.ts";
import { endpointOf, type Mirrors } from "./endpoint.ts";
import { RemoteRegistry } from "./remote-registry.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export interface RemoteRegistriesOptions extends TransportOptions {
  policy: NetworkPolicy;
  mirrors?: Mirrors;
  /** Returns the credentials for a registry, by its host in references. */
  credentials?: (host: string) => Credentials | undefined;
}

/** Returns remote registries by host, with shared connections and tokens. Checks every address before a request. */
export function remoteRegistries(options: RemoteRegistriesOptions): (host: string) => RemoteRegistry {
  const { policy, mirrors = {}, credentials = () => undefined } = options;
  const trustedOrigins = [
    ...(policy.trustedOrigins ?? []),
    ...Object.values(mirrors).map((base) => new URL(base).origin),
  ];
  const fetch = checkedFetch({ ...policy, trustedOrigins, allowPlainHttp: false }, options.fetch);
  const transport = new Transport({ ...options, fetch });
  return (host) =>
    new RemoteRegistry({
      base: endpointOf(host, mirrors),
      host,
      transport,
      credentials: credentials(host),
    });
}
