import { ByteReader } from "../../../streams/byte-reader.ts";
import { fetchRemote, type RemoteAccess, readDownload } from "../remote-access.ts";
import { readCapabilities } from "./capabilities.ts";
import { GitError } from "./git-error.ts";
import { isObjectId, type ObjectFormat, SHA1, SHA256 } from "./object-format.ts";
import { DELIMITER, FLUSH, type Packet, packet, packetText, readPacket } from "./pkt-line.ts";
import { type Remote, readRemote } from "./remote.ts";

/** Maximum number of references in one response, and of bytes of their lines. */
const MAX_REFERENCES = 100_000;
const MAX_REFERENCE_BYTES = 16 << 20;
const DISCOVERY = "/info/refs?service=git-upload-pack";
/** Maximum number of commits at which a server may cut the history of one request. */
const MAX_SHALLOW = 100_000;

/** A branch, tag or other reference that the server lists. */
export interface AdvertisedReference {
  name: string;
  /** Id of the object it refers to; for an annotated tag, the tag itself. */
  id: string;
  /** Id of the object at the end of a chain of annotated tags. */
  peeled?: string;
  /** The target of a symbolic reference such as HEAD. */
  target?: string;
}

/**
 * A repository behind git's smart HTTP, protocol version 2 (gitprotocol-http(5), gitprotocol-v2(5)). Each call is one
 * stateless request.
 */
export class Repository {
  readonly #remote: Remote;
  readonly #access: RemoteAccess;
  readonly #capabilities: ReadonlyMap<string, string>;
  readonly format: ObjectFormat;
  /** The URL for messages, without credentials. */
  readonly name: string;

  private constructor(
    name: string,
    remote: Remote,
    access: RemoteAccess,
    capabilities: ReadonlyMap<string, string>,
  ) {
    this.name = name;
    this.#remote = remote;
    this.#access = access;
    this.#capabilities = capabilities;
    const format = capabilities.get("object-format") ?? "sha1";
    if (format !== "sha1" && format !== "sha256") {
      throw new GitError(
        "git-unsupported",
        `Cannot read ${name}: its object format ${format} is not supported`,
      );
    }
    this.format = format === "sha1" ? SHA1 : SHA256;
  }

  /**
   * Reads the server's capabilities.
   * @throws {GitError} when the server does not speak protocol version 2
   * @throws {BuildError} when it does not respond
   */
  static async open(written: string, access: RemoteAccess): Promise<Repository> {
    const remote = readRemote(written, access);
    const name = remote.url;
    const response = await fetchRemote(access, name + DISCOVERY, { headers: headersFor(remote) });
    await requireGitResponse(name, response, "application/x-git-upload-pack-advertisement");
    const source = new ByteReader(readDownload(access, name, response));
    try {
      const capabilities = await readCapabilities(source, name);
      return new Repository(name, redirectRemote(remote, response.url), access, capabilities);
    } finally {
      await source.close();
    }
  }

  /** Lists references whose full names begin with one of the prefixes. */
  async references(prefixes: readonly string[]): Promise<AdvertisedReference[]> {
    const request = [
      packet("command=ls-refs\n"),
      ...this.#common(),
      DELIMITER,
      packet("peel\n"),
      packet("symrefs\n"),
      ...prefixes.map((prefix) => packet(`ref-prefix ${prefix}\n`)),
      FLUSH,
    ];
    const source = await this.#call(request);
    const found: AdvertisedReference[] = [];
    let bytes = 0;
    try {
      for (;;) {
        const line = await this.#packet(source);
        if (line === "flush") return found;
        bytes += line.length;
        if (found.length === MAX_REFERENCES || bytes > MAX_REFERENCE_BYTES) {
          throw new GitError("git-too-large", `Cannot read ${this.name}: it lists too many references`);
        }
        if (typeof line === "string") throw this.#unexpected(`the marker ${line} among the references`);
        found.push(this.#reference(packetText(line)));
      }
    } finally {
      await source.close();
    }
  }

  /** Whether the server can omit the contents of files. */
  get canFilter(): boolean {
    return this.#fetchFeature("filter");
  }

  /**
   * Fetches the pack with these objects and their dependencies, without history when the server supports shallow
   * fetches. `withoutFiles` omits the contents of files (requires `canFilter`).
   */
  async *pack(
    wants: readonly string[],
    options: { withoutFiles?: boolean } = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const request = [
      packet("command=fetch\n"),
      ...this.#common(),
      DELIMITER,
      packet("ofs-delta\n"),
      packet("no-progress\n"),
      ...(this.#fetchFeature("shallow") ? [packet("deepen 1\n")] : []),
      ...(options.withoutFiles ? [packet("filter blob:none\n")] : []),
      ...wants.map((id) => packet(`want ${id}\n`)),
      packet("done\n"),
      FLUSH,
    ];
    const source = await this.#call(request);
    try {
      await this.#skipToPack(source);
      for (;;) {
        const part = await this.#packet(source);
        if (part === "flush") return;
        if (typeof part === "string" || part.length === 0)
          throw this.#unexpected("no side band inside the pack");
        const band = part[0];
        if (band === 1) yield part.subarray(1);
        else if (band === 3) throw this.#refused(packetText(part.subarray(1)));
        else if (band !== 2) throw this.#unexpected(`side band ${band}`);
      }
    } finally {
      await source.close();
    }
  }

  /** Skips the sections before the pack, which contain only the shallow boundary. */
  async #skipToPack(source: ByteReader): Promise<void> {
    for (let lines = 0; lines < MAX_SHALLOW; lines++) {
      const line = await this.#packet(source);
      if (line === "flush") throw this.#unexpected("no pack");
      if (typeof line !== "string" && packetText(line) === "packfile") return;
    }
    throw new GitError("git-too-large", `Cannot read ${this.name}: too many lines come before the pack`);
  }

  #fetchFeature(feature: string): boolean {
    return (this.#capabilities.get("fetch") ?? "").split(" ").includes(feature);
  }

  #common(): string[] {
    const lines = this.#capabilities.has("agent") ? [packet("agent=varve\n")] : [];
    if (this.#capabilities.has("object-format")) lines.push(packet(`object-format=${this.format.name}\n`));
    return lines;
  }

  async #call(request: readonly string[]): Promise<ByteReader> {
    const response = await fetchRemote(this.#access, `${this.#remote.url}/git-upload-pack`, {
      method: "POST",
      headers: {
        ...headersFor(this.#remote),
        "content-type": "application/x-git-upload-pack-request",
        accept: "application/x-git-upload-pack-result",
      },
      body: request.join(""),
    });
    await requireGitResponse(this.name, response, "application/x-git-upload-pack-result");
    return new ByteReader(readDownload(this.#access, this.name, response));
  }

  async #packet(source: ByteReader): Promise<Packet> {
    const next = await readPacket(source);
    if (next === undefined) throw this.#unexpected("an early end");
    if (typeof next !== "string" && next[0] === 0x45) {
      const text = packetText(next);
      if (text.startsWith("ERR ")) throw this.#refused(text.slice(4));
    }
    return next;
  }

  #reference(line: string): AdvertisedReference {
    const [id = "", name = "", ...attributes] = line.split(" ");
    if (!this.#isId(id) || name === "")
      throw this.#unexpected(`${JSON.stringify(line.slice(0, 100))} as a reference`);
    const reference: AdvertisedReference = { name, id };
    for (const attribute of attributes) {
      if (attribute.startsWith("symref-target:")) reference.target = attribute.slice("symref-target:".length);
      if (attribute.startsWith("peeled:")) {
        const peeled = attribute.slice("peeled:".length);
        if (!this.#isId(peeled))
          throw this.#unexpected(`${JSON.stringify(peeled.slice(0, 100))} as a commit`);
        reference.peeled = peeled;
      }
    }
    return reference;
  }

  #isId(text: string): boolean {
    return text.length === this.format.idBytes * 2 && isObjectId(text);
  }

  #unexpected(what: string): GitError {
    return new GitError("git-protocol", `Cannot read ${this.name}: the git server responded with ${what}`);
  }

  #refused(words: string): GitError {
    return new GitError(
      "git-refused",
      `Cannot read ${this.name}: the git server reports: ${words.slice(0, 1000)}`,
    );
  }
}

function headersFor({ authorization }: Remote): Record<string, string> {
  return {
    "user-agent": "git/2.0 (varve)",
    "git-protocol": "version=2",
    ...(authorization !== undefined && { authorization }),
  };
}

/**
 * The remote for later requests. As in git, they use the address to which the first one was redirected, but only the
 * original server receives the credentials.
 * @param finalUrl the URL of the first response
 */
function redirectRemote(remote: Remote, finalUrl: string): Remote {
  if (finalUrl === "" || finalUrl === remote.url + DISCOVERY) return remote;
  if (!finalUrl.endsWith(DISCOVERY)) {
    throw new GitError(
      "git-protocol",
      `Cannot read ${remote.url}: it redirects to something that is not a repository`,
    );
  }
  const url = finalUrl.slice(0, -DISCOVERY.length);
  const isSameServer = new URL(url).origin === new URL(remote.url).origin;
  return { url, authorization: isSameServer ? remote.authorization : undefined };
}

async function requireGitResponse(name: string, response: Response, type: string): Promise<void> {
  const { status } = response;
  const [given = ""] = (response.headers.get("content-type") ?? "").split(";");
  if (status === 200 && given.trim().toLowerCase() === type) return;
  await response.body?.cancel();
  if (status === 200) {
    const message = `Cannot read ${name}: the server does not speak git's smart HTTP protocol`;
    throw new GitError("git-unsupported", message);
  }
  const reason =
    status === 401 || status === 403 ? "the server requires credentials" : "the server rejected the request";
  throw new GitError("git-refused", `Cannot read ${name}: ${reason}: invalid response status ${status}`);
}
