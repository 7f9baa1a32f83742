import { basicAuthorization } from "../../../network/basic-authorization.ts";
import { decodeOrKeep } from "../../../streams/percent-encoding.ts";
import { trimEnd } from "../../../streams/trim-end.ts";
import { maskUrl } from "../../url-credentials.ts";
import type { RemoteAccess } from "../remote-access.ts";
import { GitError } from "./git-error.ts";

/** A repository served over HTTP. */
export interface Remote {
  /** The request URL: without credentials, query and trailing `/`. */
  url: string;
  /** The Authorization header. */
  authorization: string | undefined;
}

/** Completes the URL of a remote that is readable over HTTP. @throws {GitError} for any other */
export function httpRemote(remote: string): string {
  if (/^https?:\/\//i.test(remote)) return remote;
  if (remote.startsWith("github.com/")) return `https://${remote}`;
  const protocol = /^([a-z0-9+.-]+):\/\//i.exec(remote)?.[1]?.toLowerCase() ?? "ssh";
  throw new GitError(
    "git-unsupported",
    `Cannot read ${maskUrl(remote)}: ${protocol} is not supported; use http or https`,
  );
}

/** Parses a remote. @throws {GitError} when it is not readable over HTTP */
export function readRemote(remote: string, access: RemoteAccess): Remote {
  const url = URL.parse(httpRemote(remote));
  if (url === null) {
    throw new GitError("git-unsupported", `Cannot read ${maskUrl(remote)}: it is not a URL`);
  }
  const authorization = access.authorization?.(url) ?? authorizationIn(url);
  return { url: trimEnd(url.origin + url.pathname, "/"), authorization };
}

function authorizationIn({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return basicAuthorization(decodeOrKeep(username), decodeOrKeep(password));
}
