import { gunzipSync } from "node:zlib";
import { sha256 } from "../../../src/streams/sha256.ts";
import type { Lab } from "../lab.ts";

export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** An acknowledged image is missing or wrong. The soak reports it and continues. */
export class Violation extends Error {
  override name = "Violation";
}

/** Milliseconds for which a request is repeated, as a client in CI does. */
const MAX_RETRY_MS = 180_000;
/** Answers that a client repeats: the front found no server, the server is busy, a limit was reached. */
const temporary = new Set([429, 502, 503, 504]);

/** A client of the lab that repeats requests after temporary failures. */
export class SoakClient {
  readonly #lab: Lab;
  readonly #isElsewhere: () => boolean;
  /** Answers that were repeated, by status or `broken`. */
  readonly repeated = new Map<string, number>();
  /** Requests that were answered. */
  requests = 0;

  constructor(lab: Lab, isElsewhere: () => boolean) {
    this.#lab = lab;
    this.#isElsewhere = isElsewhere;
  }

  /**
   * Sends a request until its answer is not temporary.
   * @param accepted statuses of success
   * @param isRepeated whether an answer must be repeated that only its text shows
   * @throws {Violation} with the answer
   */
  async ask(
    path: string,
    init: RequestInit = {},
    accepted: readonly number[] = [200],
    isRepeated: (text: string) => boolean = () => false,
  ): Promise<{ bytes: Uint8Array; text: string; headers: Headers; status: number }> {
    const until = Date.now() + MAX_RETRY_MS;
    for (;;) {
      let failure: string;
      try {
        const answer = await (this.#isElsewhere() ? this.#lab.fetchElsewhere : this.#lab.fetch)(path, {
          ...init,
          signal: AbortSignal.timeout(MAX_RETRY_MS),
        });
        const bytes = new Uint8Array(await answer.arrayBuffer());
        const text = new TextDecoder().decode(bytes.subarray(0, 2_000_000));
        this.requests += 1;
        if (accepted.includes(answer.status) && !isRepeated(text))
          return { bytes, text, headers: answer.headers, status: answer.status };
        failure = `${init.method ?? "GET"} ${path}: ${answer.status} ${text.slice(-1500)}`;
        if (!temporary.has(answer.status) && !accepted.includes(answer.status)) throw new Violation(failure);
        this.#count(accepted.includes(answer.status) ? "interrupted" : String(answer.status));
      } catch (error) {
        if (error instanceof Violation) throw error;
        failure = `${init.method ?? "GET"} ${path}: ${(error as Error).message}`;
        this.#count("broken");
      }
      if (Date.now() > until) throw new Violation(`Repeated for ${MAX_RETRY_MS / 1000} s: ${failure}`);
      await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 1500));
    }
  }

  #count(kind: string): void {
    this.repeated.set(kind, (this.repeated.get(kind) ?? 0) + 1);
  }

  /** Pulls an image, compares each digest, and looks for the marker in its layers. @throws {Violation} */
  async pull(reference: string, expected: { digest: string; marker: string }): Promise<void> {
    const at = reference.lastIndexOf(":");
    const [name, tag] = [reference.slice(0, at), reference.slice(at + 1)];
    const accept = { headers: { accept: MANIFEST } };
    const manifest = await this.ask(`/v2/${name}/manifests/${tag}`, accept);
    const digest = sha256(manifest.bytes);
    if (digest !== expected.digest)
      throw new Violation(`${reference} is ${digest}, but ${expected.digest} was acknowledged`);
    const { config, layers } = JSON.parse(manifest.text) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    let hasMarker = false;
    for (const blob of [config, ...layers]) {
      const { bytes } = await this.ask(`/v2/${name}/blobs/${blob.digest}`);
      if (sha256(bytes) !== blob.digest) throw new Violation(`${reference}: ${blob.digest} has other bytes`);
      const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
      hasMarker ||= Buffer.from(isZipped ? gunzipSync(bytes) : bytes).includes(expected.marker);
    }
    if (!hasMarker)
      throw new Violation(`${reference} does not have the files of its last version: ${expected.marker}`);
  }
}
