import { storedCredentials } from "../../machine/docker-credentials.ts";
import { type Fetch, followRedirects } from "../../network/follow-redirects.ts";
import { type Reference, withDefaultTag } from "../../oci/reference.ts";
import { copyImage, type ImagePlace } from "../../registry/copy-image.ts";
import { endpointOf } from "../../registry/remote/endpoint.ts";
import { RemoteRegistry } from "../../registry/remote/remote-registry.ts";
import { Transport } from "../../registry/remote/transport.ts";
import { trimEnd } from "../../streams/trim-end.ts";
import { ClientStep } from "../build/client-step.ts";
import { authorizationFor } from "../open-service.ts";
import type { Progress } from "../progress.ts";
import { configuredRealms } from "./configured-realms.ts";
import type { ConnectionSettings } from "./registry-connection.ts";

/**
 * A registry with the credentials that docker has stored for it.
 * @param settings for a registry that is not reached over HTTPS with a trusted certificate
 */
async function openRegistry(host: string, settings?: ConnectionSettings): Promise<RemoteRegistry> {
  const credentials = await storedCredentials(host, process.env);
  if (settings === undefined)
    return new RemoteRegistry({ base: endpointOf(host), host, credentials, transport: newTransport() });
  const { connect } = await import("./registry-connection.ts");
  const { base, fetch } = await connect(host, settings);
  return new RemoteRegistry({ base, host, credentials, transport: newTransport(followRedirects(fetch)) });
}

/** The server as a registry. */
export async function openOwnRegistry({
  server,
  token,
}: {
  server: string;
  token: string | undefined;
}): Promise<RemoteRegistry> {
  const base = trimEnd(server, "/");
  const credentials =
    token || process.env.VARVE_TOKEN ? undefined : await storedCredentials(new URL(base).host, process.env);
  const authorization = await authorizationFor(server, token);
  return new RemoteRegistry({ base, authorization, credentials, transport: newTransport() });
}

function newTransport(fetch?: Fetch): Transport {
  return new Transport({ actions: "pull,push", realms: configuredRealms(), ...(fetch && { fetch }) });
}

/** A name in full as a place in its registry. */
export async function openImagePlace(
  reference: Reference,
  settings?: ConnectionSettings,
): Promise<ImagePlace> {
  const { host, path, tag, digest } = withDefaultTag(reference);
  return { registry: await openRegistry(host, settings), name: path, reference: digest ?? tag ?? "latest" };
}

/** Copies an image and reports each layer. Returns the digest of its manifest. */
export async function copyWithProgress(
  from: ImagePlace,
  to: ImagePlace,
  { progress, step: name, referrers }: { progress: Progress; step: string; referrers: boolean },
): Promise<string> {
  const step = new ClientStep(progress, name);
  step.start();
  const { digest } = await copyImage(from, to, {
    referrers,
    progress: {
      blob: ({ digest: blob, size }, current) => step.report(`layer ${blob.slice(0, 19)}`, current, size),
    },
  });
  step.done();
  return digest;
}
