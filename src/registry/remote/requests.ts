import { isDigest } from "../../oci/digest.ts";
import { MAX_DOCUMENT } from "../../oci/document.ts";
import { isSchema1, MANIFEST_TYPES } from "../../oci/media-types.ts";
import { formatReference } from "../../oci/reference.ts";
import { collect, TooLargeError } from "../../streams/collect.ts";
import { RegistryError, type RegistryFault } from "../errors.ts";
import { distributionPath, splitForeignName } from "../names.ts";
import type { Credentials } from "./authorizer.ts";
import type { AbortableResponse } from "./fetch-with-retries.ts";
import { type ListPage, nextPage } from "./pages.ts";
import { type RepositoryRequest, Transport } from "./transport.ts";

export interface RemoteOptions {
  /** Base URL of the server, without a trailing slash. */
  base: string;
  /** The host in messages, as in references; by default that of `base`. */
  host?: string;
  /** Connections and tokens, which registries with the same credentials can share. */
  transport?: Transport;
  credentials?: Credentials | undefined;
  /** `Authorization` header to send until the registry has issued a token. For varve servers, which accept their tokens here. */
  authorization?: string | undefined;
  /** Size of the pieces of a blob that the registry rejects as a whole, in bytes. Default 64 MiB. */
  piece?: number;
}

/** The parts of a request besides its address. */
type RequestDetails = Pick<RepositoryRequest, "headers" | "body"> & {
  /** The fault for a missing resource. Default `NAME_UNKNOWN`. */
  fault?: RegistryFault;
  /** Name of the resource; by default that of the repository. */
  about?: string;
};

/** Disables content encodings. */
const AS_STORED = { "Accept-Encoding": "identity" };

/** Sends requests of the distribution API to one registry, and reads the responses. */
export class Requests {
  readonly base: string;
  readonly host: string;
  readonly #options: RemoteOptions;
  readonly #transport: Transport;

  constructor(options: RemoteOptions) {
    this.base = options.base;
    this.host = options.host ?? new URL(options.base).host;
    this.#options = options;
    this.#transport = options.transport ?? new Transport({ actions: "pull,push" });
  }

  manifest(method: "GET" | "HEAD", name: string, reference: string): Promise<AbortableResponse> {
    return this.request(name, method, `manifests/${reference}`, {
      headers: { Accept: MANIFEST_TYPES.join(", "), ...AS_STORED },
      fault: "MANIFEST_UNKNOWN",
      about: this.#referenceOf(name, reference),
    });
  }

  blob(
    method: "GET" | "HEAD",
    name: string,
    digest: string,
    headers: Record<string, string> = {},
  ): Promise<AbortableResponse> {
    return this.request(name, method, `blobs/${digest}`, {
      headers: { Accept: "*/*", ...AS_STORED, ...headers },
      fault: "BLOB_UNKNOWN",
      about: this.#referenceOf(name, digest),
    });
  }

  /** Requests one page of a list. @param name the repository; empty for the list of repositories */
  async page(name: string, url: string): Promise<ListPage> {
    const answer = await this.send(name, "GET", url, { headers: { Accept: "application/json" } });
    const bytes = await this.readDocument(answer, name, "latest");
    try {
      const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return { document, next: nextPage(answer.response.headers.get("Link"), url) };
    } catch (cause) {
      throw new RegistryError("BAD_ANSWER", `${this.host}: the list is not JSON`, { cause });
    }
  }

  /** @param resource the path after the name of the repository */
  request(
    name: string,
    method: string,
    resource: string,
    details?: RequestDetails,
  ): Promise<AbortableResponse> {
    return this.send(name, method, this.urlOf(name, resource), details);
  }

  urlOf(name: string, resource: string): string {
    return new URL(this.base + distributionPath(name, resource)).href;
  }

  /** @param url absolute */
  send(name: string, method: string, url: string, details: RequestDetails = {}): Promise<AbortableResponse> {
    const { fault = "NAME_UNKNOWN", about = `${this.host}/${name}`, ...rest } = details;
    return this.#transport.send({
      host: this.host,
      base: this.base,
      repository: name,
      method,
      url,
      ...rest,
      credentials: this.#options.credentials,
      authorization: this.#options.authorization,
      absent: { fault, name: about },
    });
  }

  bodyOf(answer: AbortableResponse): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#transport.body(answer);
  }

  /** @throws {RegistryError} `BAD_ANSWER` when the body is too large for a manifest */
  async readDocument(answer: AbortableResponse, name: string, reference: string): Promise<Uint8Array> {
    try {
      return await collect(this.bodyOf(answer), MAX_DOCUMENT);
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
      throw this.invalidResponse(name, reference, `rejecting a manifest of more than ${error.limit} bytes`);
    }
  }

  /** The manifest media type of a response; empty when its Content-Type is no manifest type. */
  manifestType({ response }: AbortableResponse, name: string, reference: string): string {
    const [mediaType = ""] = (response.headers.get("Content-Type") ?? "").split(";");
    const type = mediaType.trim().toLowerCase();
    if (MANIFEST_TYPES.includes(type)) return type;
    // Some registries, and plain file servers, send no manifest type. The document must then contain it.
    if (!isSchema1(type)) return "";
    const advice = "build and push the image again with a current tool";
    throw this.invalidResponse(name, reference, `media type "${type}" is no longer supported: ${advice}`);
  }

  invalidResponse(name: string, reference: string, problem: string): RegistryError {
    return new RegistryError("BAD_ANSWER", `${this.#referenceOf(name, reference)}: ${problem}`);
  }

  #referenceOf(name: string, reference: string): string {
    const kind = isDigest(reference) ? "digest" : "tag";
    return formatReference({ host: this.host, path: name, ...splitForeignName(name), [kind]: reference });
  }
}

/** The `Content-Length` of a response, in bytes. */
export function contentLength({ response }: AbortableResponse): number | undefined {
  const header = response.headers.get("Content-Length");
  return header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
