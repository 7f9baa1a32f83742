import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, requireDigest } from "../../oci/digest.ts";
import { MAX_DOCUMENT } from "../../oci/document.ts";
import { parseImageIndex } from "../../oci/image-index.ts";
import { OCI } from "../../oci/media-types.ts";
import type { ByteRange } from "../../store/object-store.ts";
import { readable } from "../../streams/readable.ts";
import { Digester } from "../../streams/sha256.ts";
import { verifyChunks } from "../../streams/verify.ts";
import { RegistryError } from "../errors.ts";
import { readManifestContents } from "../manifest-contents.ts";
import type {
  BlobDescriptor,
  BlobSource,
  ManifestDescriptor,
  NewManifest,
  Registry,
  StoredManifest,
} from "../registry.ts";
import { nextPage, readPages } from "./pages.ts";
import { addToReferrersTag, readReferrersTag } from "./referrers-tag.ts";
import { isTemporary } from "./remote-error.ts";
import { piecesOf, RemoteUpload, type SendUpload } from "./remote-upload.ts";
import { contentLength, type RemoteOptions, Requests } from "./requests.ts";

/** Attempts of an upload. */
const TRIES = 3;
/** Size of a piece in bytes; below the request limits of common proxies. */
const PIECE = 64 * 1024 * 1024;
/** Maximum number of pages of one list of referrers. */
const MAX_PAGES = 1000;
/** Names of missing resources in errors of upload requests. */
const UPLOAD = { fault: "BLOB_UPLOAD_UNKNOWN", about: "the upload" } as const;

interface ReferrersPage {
  manifests: Descriptor[];
  next: string | undefined;
}

/** A remote registry, accessed with the distribution API. */
export class RemoteRegistry implements Registry {
  readonly #requests: Requests;
  readonly #piece: number;

  constructor(options: RemoteOptions) {
    this.#requests = new Requests(options);
    this.#piece = options.piece ?? PIECE;
  }

  /** Verifies the credentials (distribution-spec, end-1). @throws {RegistryError} `UNAUTHORIZED` */
  async ping(): Promise<void> {
    const answer = await this.#requests.send("", "GET", `${this.#requests.base}/v2/`);
    await answer.response.body?.cancel();
  }

  /** Uses HEAD, which does not count toward Docker Hub's pull limit. */
  async resolveManifest(name: string, reference: string): Promise<ManifestDescriptor> {
    const answer = await this.#requests.manifest("HEAD", name, reference);
    const stated = answer.response.headers.get("Docker-Content-Digest") ?? "";
    const digest = isDigest(reference) ? reference : stated;
    const size = contentLength(answer);
    if (!isDigest(digest) || size === undefined) return (await this.readManifest(name, reference)).descriptor;
    if (size > MAX_DOCUMENT) {
      throw this.#requests.invalidResponse(name, reference, `rejecting ${size} byte manifest`);
    }
    return { mediaType: this.#requests.manifestType(answer, name, reference), digest, size };
  }

  async readManifest(name: string, reference: string): Promise<StoredManifest> {
    const answer = await this.#requests.manifest("GET", name, reference);
    const bytes = await this.#requests.readDocument(answer, name, reference);
    const stated = answer.response.headers.get("Docker-Content-Digest") ?? "";
    const expected = isDigest(reference) ? reference : stated;
    const digest = digestOf(bytes, isDigest(expected) ? expected : undefined);
    if (isDigest(expected) && expected !== digest) {
      const problem = `the manifest has digest ${digest} instead of ${expected}`;
      throw this.#requests.invalidResponse(name, reference, problem);
    }
    const mediaType = this.#requests.manifestType(answer, name, reference);
    return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
  }

  async resolveBlob(name: string, digest: string): Promise<BlobDescriptor> {
    const size = contentLength(await this.#requests.blob("HEAD", name, digest));
    if (size !== undefined) return { digest, size };
    // Some registries do not send the size, so count the bytes.
    let counted = 0;
    const bytes = this.#requests.bodyOf(await this.#requests.blob("GET", name, digest));
    for await (const chunk of verifyChunks(bytes, { digest })) counted += chunk.length;
    return { digest, size: counted };
  }

  async readBlob(name: string, blob: BlobDescriptor, range?: ByteRange): Promise<ReadableStream<Uint8Array>> {
    if (range === undefined) {
      const answer = await this.#requests.blob("GET", name, blob.digest);
      return readable(verifyChunks(this.#requests.bodyOf(answer), blob));
    }
    const { offset, length } = range;
    const headers = { Range: `bytes=${offset}-${length === undefined ? "" : offset + length - 1}` };
    const answer = await this.#requests.blob("GET", name, blob.digest, headers);
    if (answer.response.status === 206) return readable(this.#requests.bodyOf(answer));
    await answer.response.body?.cancel();
    throw new RegistryError("UNSUPPORTED", `${this.#requests.host} does not support ranges of blobs`);
  }

  /** Sends a blob in one request, or in pieces when it is too large. */
  async pushBlob(name: string, { digest, size }: BlobDescriptor, source: BlobSource): Promise<void> {
    let piece: number | undefined;
    for (let tries = 1; ; tries++) {
      const upload = await this.startUpload(name);
      try {
        const bytes = await source();
        if (piece === undefined) await upload.append({ source: bytes, size });
        else for await (const part of piecesOf(bytes, piece)) await upload.appendPiece(part);
        await upload.finish(digest);
        return;
      } catch (error) {
        const fault = error instanceof RegistryError ? error.fault : undefined;
        if (fault === "BLOB_TOO_LARGE" && piece === undefined) piece = this.#piece;
        // The registry has lost the upload, or finished it when an earlier attempt seemed to fail.
        else if (tries >= TRIES || !(isTemporary(error) || fault === UPLOAD.fault)) throw error;
      }
    }
  }

  async startUpload(name: string): Promise<RemoteUpload> {
    const { response } = await this.#requests.request(name, "POST", "blobs/uploads/");
    return this.#upload(name, response);
  }

  /** @param id the address of the upload */
  async openUpload(name: string, id: string): Promise<RemoteUpload> {
    const { response } = await this.#requests.send(name, "GET", id, UPLOAD);
    return this.#upload(name, response, id);
  }

  async mountBlob(name: string, digest: string, from?: string): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, ...(from !== undefined && { from }) });
    const { response } = await this.#requests.request(name, "POST", `blobs/uploads/?${query}`);
    if (response.status === 201) return true;
    // The registry started an upload instead: try to cancel it.
    await this.#upload(name, response)
      .cancel()
      .catch(() => {});
    return false;
  }

  /** Uses the referrers tag schema when the registry does not list referrers. */
  async pushManifest(
    name: string,
    { bytes, mediaType, digest: expected }: NewManifest,
    tags: readonly string[] = [],
  ): Promise<ManifestDescriptor> {
    const { subject, artifactType, annotations, ...contents } = readManifestContents(bytes, mediaType);
    const digest = digestOf(bytes, expected);
    if (expected !== undefined && expected !== digest) {
      const detail = { digest: expected };
      throw new RegistryError("DIGEST_INVALID", `the manifest has digest ${digest}`, { detail });
    }
    const headers = { "Content-Type": contents.mediaType };
    const details = { headers, body: bytes, fault: "MANIFEST_BLOB_UNKNOWN" } as const;
    let isListed = false;
    for (const reference of tags.length === 0 ? [digest] : tags) {
      const { response } = await this.#requests.request(name, "PUT", `manifests/${reference}`, details);
      isListed = response.headers.has("OCI-Subject");
    }
    const descriptor = { mediaType: contents.mediaType, digest, size: bytes.length };
    if (subject === undefined) return descriptor;
    if (!isListed) {
      await addToReferrersTag(this, name, subject, {
        ...descriptor,
        ...(artifactType !== undefined && { artifactType }),
        ...(annotations !== undefined && { annotations }),
      });
    }
    return { ...descriptor, subject };
  }

  async deleteBlob(name: string, digest: string): Promise<void> {
    await this.#requests.request(name, "DELETE", `blobs/${digest}`, { fault: "BLOB_UNKNOWN" });
  }

  async deleteManifest(name: string, digest: string): Promise<void> {
    await this.#requests.request(name, "DELETE", `manifests/${digest}`, { fault: "MANIFEST_UNKNOWN" });
  }

  async deleteTag(name: string, tag: string): Promise<void> {
    await this.#requests.request(name, "DELETE", `manifests/${tag}`, { fault: "MANIFEST_UNKNOWN" });
  }

  repositories(after?: string): AsyncGenerator<string> {
    const url = `${this.#requests.base}/v2/_catalog`;
    return readPages(url, after, "repositories", (page) => this.#requests.page("", page));
  }

  tags(name: string, after?: string): AsyncGenerator<string> {
    const url = this.#requests.urlOf(name, "tags/list");
    return readPages(url, after, "tags", (page) => this.#requests.page(name, page));
  }

  async *referrers(name: string, digest: string, after = ""): AsyncGenerator<Descriptor> {
    let url: string | undefined = this.#requests.urlOf(name, `referrers/${digest}`);
    for (let pages = 0; url !== undefined && pages < MAX_PAGES; pages++) {
      const page: ReferrersPage = await this.#referrersPage(name, digest, url);
      for (const descriptor of page.manifests) if (descriptor.digest > after) yield descriptor;
      url = page.next;
    }
  }

  async #referrersPage(name: string, digest: string, url: string): Promise<ReferrersPage> {
    try {
      const answer = await this.#requests.send(name, "GET", url, { headers: { Accept: OCI.index } });
      const { manifests } = parseImageIndex(await this.#requests.readDocument(answer, name, digest));
      return { manifests, next: nextPage(answer.response.headers.get("Link"), url) };
    } catch (error) {
      if (!(error instanceof RegistryError) || error.fault !== "NAME_UNKNOWN") throw error;
      return { manifests: await readReferrersTag(this, name, digest), next: undefined };
    }
  }

  #upload(name: string, response: Response, id?: string): RemoteUpload {
    const send: SendUpload = async ({ method, url, ...details }) =>
      (await this.#requests.send(name, method, url, { ...details, ...UPLOAD })).response;
    return new RemoteUpload(response, this.#requests.base, send, id);
  }
}

/** @param like a digest of the algorithm to use */
function digestOf(bytes: Uint8Array, like: string | undefined): string {
  const { algorithm } = like === undefined ? { algorithm: "sha256" as const } : requireDigest(like);
  return new Digester(algorithm).update(bytes).digest();
}
