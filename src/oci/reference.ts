import { cut } from "../streams/cut.ts";
import { digestProblem } from "./digest.ts";

/** A full image reference; only the tag may be missing. */
export interface Reference {
  /** Registry host, with its port if any. Docker Hub is `docker.io`. */
  host: string;
  /** Repository within the registry: `library/alpine`. */
  path: string;
  tag?: string;
  /** Takes precedence over the tag. */
  digest?: string;
}

/** A text is not an image reference. The message is Docker's. */
export class InvalidReferenceError extends Error {
  override name = "InvalidReferenceError";
}

const DEFAULT_HOST = "docker.io";
const LEGACY_HOST = "index.docker.io";
const OFFICIAL = "library/";

/** Maximum length of a path in characters; the limit of the host is that of DNS. */
const MAX_PATH = 255;
const MAX_LENGTH = 2048;

// The grammar of github.com/distribution/reference. The expressions are unambiguous, so they match in linear time.
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const HOST_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const HOST = new RegExp(`^(?:${HOST_LABEL}(?:\\.${HOST_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const IDENTIFIER = /^[a-f0-9]{64}$/;

/**
 * Parses a short or full reference: `alpine` is `docker.io/library/alpine`. Adds no tag.
 * @throws {InvalidReferenceError}
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_LENGTH) throw new InvalidReferenceError("invalid reference format");
  if (IDENTIFIER.test(text)) {
    throw new InvalidReferenceError(
      `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`,
    );
  }
  const { host, rest } = splitHost(text);
  const [beforeColon] = cut(rest, ":");
  if (beforeColon.toLowerCase() !== beforeColon) {
    throw new InvalidReferenceError(
      `invalid reference format: repository name (${beforeColon}) must be lowercase`,
    );
  }
  const reference = readRest(host, rest);
  if (reference === undefined || !HOST.test(host))
    throw new InvalidReferenceError("invalid reference format");
  if (reference.path.length > MAX_PATH) {
    throw new InvalidReferenceError(`repository name must not be more than ${MAX_PATH} characters`);
  }
  if (reference.digest !== undefined) checkDigest(reference.digest);
  return reference;
}

/** Adds the tag `latest` when there is neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: "latest" }
    : reference;
}

/** The full form: `docker.io/library/alpine:3.20@sha256:…`. */
export function formatReference(reference: Reference): string {
  return `${reference.host}/${reference.path}${suffix(reference)}`;
}

/** The short form: `alpine:3.20`. Parses to the same reference. */
export function familiarReference(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`;
}

function familiarName({ host, path }: Reference): string {
  if (host !== DEFAULT_HOST) return `${host}/${path}`;
  const official = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : undefined;
  // Shortening a name such as docker.io/library/localhost/x would change its meaning.
  const short = official !== undefined && !official.includes("/") ? official : path;
  return splitHost(short).host === DEFAULT_HOST && !IDENTIFIER.test(short) ? short : `${host}/${path}`;
}

/** Whether a text is a valid tag (distribution-spec, "Pulling manifests"). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Whether a text is a valid repository name, without a host. */
export function isRepositoryName(text: string): boolean {
  return text.length <= MAX_PATH && PATH.test(text);
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The part before the first slash is a host when it cannot be part of a path on Docker Hub. */
function splitHost(text: string): { host: string; rest: string } {
  const [first, path] = cut(text, "/");
  if (path === undefined) return { host: DEFAULT_HOST, rest: OFFICIAL + text };
  const isHost = first === "localhost" || /[.:]/.test(first) || first.toLowerCase() !== first;
  const host = !isHost || first === LEGACY_HOST ? DEFAULT_HOST : first;
  const rest = isHost ? path : text;
  return { host, rest: host === DEFAULT_HOST && !rest.includes("/") ? OFFICIAL + rest : rest };
}

function readRest(host: string, rest: string): Reference | undefined {
  const [named, digest] = cut(rest, "@");
  const [path, tag] = cut(named, ":");
  if (!PATH.test(path)) return undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  return { host, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function checkDigest(digest: string): void {
  const problem = digestProblem(digest);
  if (problem !== undefined) throw new InvalidReferenceError(problem);
}
