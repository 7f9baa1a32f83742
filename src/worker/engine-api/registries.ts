import { EngineError } from "../../engine-api/engine-error.ts";
import { type RegistryAuth, readAuth, readAuthHeader } from "../../engine-api/registry-auth.ts";
import { basicAuthorization } from "../../network/basic-authorization.ts";
import { checkedFetch } from "../../network/checked-fetch.ts";
import { parseAnyManifest } from "../../oci/any-manifest.ts";
import { parseImageConfig } from "../../oci/config.ts";
import { MAX_DOCUMENT } from "../../oci/document.ts";
import { isAttestation } from "../../oci/image-index.ts";
import {
  InvalidReferenceError,
  parseReference,
  type Reference,
  withDefaultTag,
} from "../../oci/reference.ts";
import { RegistryError } from "../../registry/errors.ts";
import { isOwnHost, repositoryOf } from "../../registry/names.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Credentials } from "../../registry/remote/authorizer.ts";
import { endpointOf } from "../../registry/remote/endpoint.ts";
import { RemoteRegistry } from "../../registry/remote/remote-registry.ts";
import { Transport } from "../../registry/remote/transport.ts";
import { RestrictedRegistry } from "../../registry/restricted.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { accessObject } from "../access/access-service.ts";
import { clientAddress } from "../access/client-address.ts";
import { configuredOf } from "../access/configured.ts";
import { readCredential } from "../access/credential.ts";
import { readRequestBody } from "../http/request-body.ts";
import { registrySettings } from "../world.ts";
import { type Engine, engineJson } from "./engine.ts";

const MAX_LOGIN = 64 * 1024;

/** Parses a name in docker's format, with tag or digest in a separate parameter. @throws {EngineError} 400 */
export function parseEngineReference(name: string, tag: string): Reference {
  try {
    const separator = tag.includes(":") ? "@" : ":";
    return parseReference(tag === "" ? name.replace(/:$/, "") : `${name}${separator}${tag}`);
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    throw new EngineError(400, error.message);
  }
}

/** Whether a name belongs to this server: see `registry/names.ts`. */
export function isOwnName({ host }: Reference, { url }: Engine): boolean {
  return isOwnHost(host, url.host);
}

/**
 * A remote registry with the credentials of one request. They are in memory only, and content read with them is not
 * cached.
 */
export function remoteFor(
  engine: Engine,
  host: string,
  credentials: Credentials | undefined,
): RemoteRegistry {
  const { policy, mirrors, realms } = registrySettings(engine.env);
  // Mirrors serve public content only.
  const base = endpointOf(host, credentials === undefined ? mirrors : {});
  const fetch = checkedFetch({ ...policy, allowPlainHttp: false });
  const transport = new Transport({ fetch, actions: "pull,push", realms });
  return new RemoteRegistry({ base, host, transport, credentials });
}

/** The credentials for the image's registry that docker sends with the request. */
export function credentialsOf({ request }: Engine): Credentials | undefined {
  return readAuthHeader(request.headers.get("x-registry-auth"));
}

/** `POST /auth`: checks credentials for this server or for a registry. */
export async function login(engine: Engine): Promise<Response> {
  const bytes = await collect(readRequestBody(engine.request), MAX_LOGIN);
  const { credentials, host } = parseLogin(new TextDecoder().decode(bytes));
  if (credentials === undefined)
    throw new EngineError(400, "Cannot log in without a user name and a password");
  if (isOwnHost(host, engine.url.host) && host !== "docker.io") await checkOwn(engine, credentials);
  else await checkRemote(engine, host || "docker.io", credentials);
  return engineJson({ Status: "Login Succeeded", IdentityToken: "" });
}

function parseLogin(text: string): RegistryAuth {
  try {
    return readAuth(JSON.parse(text));
  } catch {
    throw new EngineError(400, "Cannot read the credentials in the request");
  }
}

async function checkOwn(
  { env, request, access }: Engine,
  { username, password }: Credentials,
): Promise<void> {
  // As for `/v2/`, a server without an admin accepts every login from its own machine.
  if (access.caller.kind === "local") return;
  const credential = readCredential(basicAuthorization(username, password));
  const address = clientAddress(request.headers, env);
  const identified = await accessObject(env).identify({ credential, address }, configuredOf(env));
  if ("refusal" in identified)
    throw new EngineError(401, `unauthorized: cannot accept the credential: ${identified.refusal.detail}`);
}

async function checkRemote(engine: Engine, host: string, credentials: Credentials): Promise<void> {
  // Unknown callers must not be able to make the server send requests.
  if (!engine.access.isKnown) throw engine.access.unidentified();
  try {
    await remoteFor(engine, host, credentials).ping();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const isDenied = error.fault === "UNAUTHORIZED" || error.fault === "DENIED";
    throw new EngineError(
      isDenied ? 401 : 500,
      isDenied ? "unauthorized: incorrect username or password" : error.message,
    );
  }
}

/** `GET /distribution/{name}/json`: descriptor and platforms of an image in its registry. */
export async function distribution(engine: Engine, text: string): Promise<Response> {
  const reference = withDefaultTag(parseEngineReference(text, ""));
  if (!isOwnName(reference, engine) && !engine.access.isKnown) throw engine.access.unidentified();
  const { registry, name } = registryOf(engine, reference);
  const { tag = "latest", digest = tag } = reference;
  const { descriptor, bytes } = await registry.readManifest(name, digest);
  const { mediaType, size } = descriptor;
  const document = parseAnyManifest(bytes, mediaType);
  const platforms =
    document.kind === "index"
      ? document.index.manifests
          .filter((entry) => !isAttestation(entry))
          .flatMap(({ platform }) => platform ?? [])
      : [await platformOf(registry, name, document.manifest.config)];
  return engineJson({ Descriptor: { mediaType, digest: descriptor.digest, size }, Platforms: platforms });
}

/** The registry of a reference, and the name of the repository there: another registry, or the caller's view of this server. */
export function registryOf(engine: Engine, reference: Reference): { registry: Registry; name: string } {
  if (!isOwnName(reference, engine))
    return { registry: remoteFor(engine, reference.host, credentialsOf(engine)), name: reference.path };
  const registry = new RestrictedRegistry(
    new StoreRegistry(engine.store),
    (right, name) => right === "pull" && engine.access.canPull(name),
  );
  return { registry, name: repositoryOf(reference, engine.url.host) };
}

/** The platform in the config of an image. */
async function platformOf(registry: Registry, name: string, config: { digest: string; size: number }) {
  const bytes = await collect(chunks(await registry.readBlob(name, config)), MAX_DOCUMENT);
  const { os, architecture, variant } = parseImageConfig(bytes);
  return { os, architecture, ...(variant && { variant }) };
}
