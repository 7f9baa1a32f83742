import type { Fetch } from "../../src/network/checked-fetch.ts";
import type { TestImage } from "./test-image.ts";

/** Responds instead of the default; undefined means the default response. */
export type Trick = (request: Request) => Response | undefined | Promise<Response | undefined>;

/** The network of a test: registries by origin, and a log of requests. */
export class FakeNetwork {
  readonly log: string[] = [];
  readonly #servers = new Map<string, (request: Request) => Promise<Response>>();

  serve(origin: string, handle: (request: Request) => Promise<Response> | Response): void {
    this.#servers.set(origin, async (request) => handle(request));
  }

  readonly fetch: Fetch = async (url, init) => {
    const request = new Request(url, init);
    this.log.push(
      `${request.method} ${url}${request.headers.has("Authorization") ? " with credentials" : ""}`,
    );
    const handle = this.#servers.get(new URL(url).origin);
    if (handle === undefined) {
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("no such host"), { code: "ENOTFOUND" }),
      });
    }
    return handle(request);
  };
}

/** A registry with one image and configurable misbehaviour. */
export function fakeRegistry(path: string, tag: string, image: TestImage, trick: Trick = () => undefined) {
  const manifests = new Map(
    [image, ...image.manifests].map((manifest) => [manifest.descriptor.digest, manifest]),
  );
  const blobs = new Map(image.blobs.map((blob) => [blob.descriptor.digest, blob]));
  return async (request: Request): Promise<Response> => {
    const played = await trick(request);
    if (played !== undefined) return played;
    const { pathname } = new URL(request.url);
    const [, kind = "", reference = ""] =
      new RegExp(`^/v2/${path}/(manifests|blobs)/(.+)$`).exec(pathname) ?? [];
    const found =
      kind === "blobs" ? blobs.get(reference) : reference === tag ? image : kind && manifests.get(reference);
    if (!found)
      return new Response('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}', { status: 404 });
    const { mediaType, digest, size } = found.descriptor;
    return new Response(request.method === "HEAD" ? null : found.bytes, {
      headers: {
        "Content-Type": kind === "blobs" ? "application/octet-stream" : mediaType,
        "Content-Length": String(size),
        "Docker-Content-Digest": digest,
      },
    });
  };
}

/** Requires a token of the service at `realm`. */
export function wantsToken(realm: string, token: string, scope = ""): Trick {
  return (request) => {
    if (request.headers.get("Authorization") === `Bearer ${token}`) return undefined;
    const given = request.headers.has("Authorization") ? ',error="invalid_token"' : "";
    const wanted = scope === "" ? "" : `,scope="${scope}"`;
    return new Response("{}", {
      status: 401,
      headers: { "WWW-Authenticate": `Bearer realm="${realm}",service="fake"${wanted}${given}` },
    });
  };
}
