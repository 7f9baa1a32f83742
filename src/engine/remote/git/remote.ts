import { basicAuthorization } from "../../../network/basic-authorization.ts";
import { trimEnd } from "../../../streams/trim-end.ts";
import { maskedUrl } from "../../url-credentials.ts";
import type { RemoteAccess } from "../reach.ts";
import { GitError } from "./git-error.ts";

/** A repository behind HTTP. */
export interface Remote {
  /** What is asked: without user name, password, query and `/` at the end. */
  url: string;
  /** What is presented when it is asked. */
  authorization: string | undefined;
}

/** The remote, made whole when it is one that can be read over HTTP. Throws `GitError` for every other. */
export function httpRemote(remote: string): string {
  if (/^https?:\/\//i.test(remote)) return remote;
  if (remote.startsWith("github.com/")) return `https://${remote}`;
  const protocol = /^([a-z0-9+.-]+):\/\//i.exec(remote)?.[1]?.toLowerCase() ?? "ssh";
  throw new GitError(
    "git-unsupported",
    `Cannot read ${maskedUrl(remote)}: ${protocol} needs a machine with git, here only http and https are spoken`,
  );
}

/** Takes a remote apart. Throws `GitError` when it is none that can be read over HTTP. */
export function readRemote(remote: string, access: RemoteAccess): Remote {
  const url = URL.parse(httpRemote(remote));
  if (url === null) {
    throw new GitError("git-unsupported", `Cannot read ${maskedUrl(remote)}: it is not a URL`);
  }
  const authorization = access.authorization?.(url) ?? authorizationIn(url);
  return { url: trimEnd(url.origin + url.pathname, "/"), authorization };
}

function authorizationIn({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return basicAuthorization(decoded(username), decoded(password));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
