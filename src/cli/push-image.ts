import { copyImage, type ImagePlace } from "../client/copy-image.ts";
import { RegistryClient } from "../client/registry-client.ts";
import { storedCredentials } from "../machine/docker-credentials.ts";
import { type Reference, withDefaultTag } from "../oci/reference.ts";
import { endpointOf } from "../registry/endpoint.ts";
import { ClientStep } from "./client-step.ts";
import { authorizationFor } from "./open-service.ts";
import type { Progress } from "./progress.ts";

/** A registry with what docker has stored for it. */
export async function openRegistry(host: string): Promise<RegistryClient> {
  return new RegistryClient(endpointOf(host), { credentials: await storedCredentials(host, process.env) });
}

/** The server as a registry. */
export async function openOwnRegistry({
  server,
  token,
}: {
  server: string;
  token: string | undefined;
}): Promise<RegistryClient> {
  const base = server.replace(/\/+$/, "");
  const credentials =
    token || process.env.VARVE_TOKEN ? undefined : await storedCredentials(new URL(base).host, process.env);
  return new RegistryClient(base, { authorization: await authorizationFor(server, token), credentials });
}

/** A name in full as a place in its registry. */
export async function placeOf(reference: Reference): Promise<ImagePlace> {
  const { host, path, tag, digest } = withDefaultTag(reference);
  return { registry: await openRegistry(host), name: path, reference: digest ?? tag ?? "latest" };
}

/** Copies an image, and tells of each layer. Gives the digest of its manifest. */
export async function copyTold(
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
