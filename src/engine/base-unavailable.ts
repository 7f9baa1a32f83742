import { formatReference, type Reference } from "../oci/reference.ts";
import type { RegistryError } from "../registry/errors.ts";
import type { ImageResolver } from "../registry/image-resolver.ts";
import { dockerLogin, mayNeedLogin } from "../registry/login-upstream.ts";
import { BuildError } from "./errors.ts";

/** The error for an image that a registry does not serve. Its hint explains how to log in where that may help. */
export function baseUnavailable(
  images: ImageResolver,
  reference: Reference,
  cause: RegistryError,
  prefix = "",
): BuildError {
  const { host } = reference;
  const registry = mayNeedLogin(cause) && !images.isOwnHost(host) ? host : undefined;
  return new BuildError("base-unavailable", prefix + cause.message, {
    cause,
    registry,
    hint: registry && hintOf(reference, cause),
  });
}

function hintOf(reference: Reference, { fault }: RegistryError): string {
  const { host } = reference;
  const login = dockerLogin(host);
  if (fault === "TOOMANYREQUESTS")
    return `${host} limits requests without an account: log in with "${login}" and build again.`;
  const refused = fault === "UNAUTHORIZED" || fault === "DENIED";
  return refused
    ? `${host} refused access to ${formatReference(reference)}: log in with "${login}", with an account that may pull it, and build again.`
    : `If ${formatReference(reference)} is private, log in with "${login}" and build again.`;
}
