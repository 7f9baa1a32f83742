import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { Job, JobFailure, JobResult, StoredLayer } from "../../schemas/runner.ts";
import { type FromRunner, fromRunner, type ToRunner } from "../../schemas/runner-messages.ts";
import { tocKey } from "../../src/layers/toc.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { sha256 } from "../../src/streams/sha256.ts";

/** The outcome of a job at the server. */
interface Outcome {
  result?: JobResult;
  failure?: JobFailure;
  log: string;
}

/** The outcome of a RUN, with the archive of its layer on success. */
interface RunOutcome extends Outcome {
  layer?: Buffer;
}

type FoundSnapshots = Extract<FromRunner, { type: "found" }>["snapshots"];
type Waiting = { resolve(outcome: Outcome): void; outcome: Outcome; token: string };

/**
 * A small server that sends jobs to one runner: a WebSocket (RFC 6455), and objects and layers over HTTP. Unlike
 * `src/worker/jobs/routes.ts` it lets every job read every object.
 */
export class RunnerServer {
  readonly #server: Server;
  /** Objects for jobs, and layers that they uploaded. */
  readonly #store: ObjectStore;
  /** Layers of tests, by key. */
  readonly #layers = new Map<string, Buffer>();
  readonly #jobs = new Map<string, Waiting>();
  readonly #searches = new Map<string, (snapshots: FoundSnapshots) => void>();
  #socket: Socket | undefined;
  #connected = Promise.withResolvers<void>();
  /** Messages of runners, except logs. */
  readonly messages: FromRunner[] = [];
  /** Called with each log message. */
  onLog: (job: string, text: string) => void = () => {};
  /** Number of uploads to fail. */
  failUploads = 0;
  /** Parts of uploads, in order. */
  readonly #uploads = new Map<string, Buffer[]>();
  protocols = "";

  private constructor(server: Server, store: ObjectStore) {
    this.#server = server;
    this.#store = store;
  }

  static async start(store: ObjectStore = memoryStore()): Promise<RunnerServer> {
    const http = createServer();
    const server = new RunnerServer(http, store);
    http.on("request", (request, response) => {
      server.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    http.on("upgrade", (request, socket) => server.#upgrade(request, socket as Socket));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Resolves once a runner has sent its hello. */
  connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** Ends the connection without a close frame. */
  drop(): void {
    this.#connected = Promise.withResolvers();
    this.#socket?.destroy();
  }

  addLayer(archive: Buffer): StoredLayer {
    const digest = sha256(archive);
    this.#layers.set(blobKey(digest), archive);
    return {
      mediaType: "application/vnd.oci.image.layer.v1.tar",
      digest,
      size: archive.length,
      diffId: digest,
    };
  }

  /** The snapshots that the runner keeps under names. */
  async find(names: readonly string[]): Promise<FoundSnapshots> {
    await this.connected();
    const request = randomUUID();
    return new Promise((resolve) => {
      this.#searches.set(request, resolve);
      this.send({ type: "find", request, names: [...names] });
    });
  }

  async execute(job: Job): Promise<Outcome> {
    await this.connected();
    const outcome = Promise.withResolvers<Outcome>();
    this.#jobs.set(job.id, { resolve: outcome.resolve, outcome: { log: "" }, token: job.token });
    this.send({ type: "job", job });
    return outcome.promise;
  }

  /** Executes a RUN and then writes its layer. */
  async run(job: Job): Promise<RunOutcome> {
    const outcome = await this.execute(job);
    if (outcome.result?.kind !== "run" || job.task.kind !== "run") return outcome;
    const { snapshot } = outcome.result;
    const written = await this.writeLayer(job, snapshot);
    return { ...outcome, ...written };
  }

  /** Sends a task that writes the layer of a snapshot. */
  async writeLayer({ task, ...job }: Job, snapshot: string): Promise<Partial<RunOutcome>> {
    const { result, failure } = await this.execute({
      ...job,
      id: randomUUID(),
      task: {
        kind: "layer",
        snapshot,
        layers: task.kind === "run" || task.kind === "copy" ? task.layers : [],
        compression: "gzip",
        level: 1,
        times: { timestamps: "preserve", epoch: 0 },
      },
    });
    if (failure !== undefined) return { failure };
    if (result?.kind !== "layer") throw new Error("the runner wrote no layer");
    const blob = await this.#store.getBytes(blobKey(result.layer.digest));
    return blob === undefined ? {} : { layer: gunzipSync(blob) };
  }

  send(message: ToRunner): void {
    this.#socket?.write(frame(1, Buffer.from(JSON.stringify(message))));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = "", rest = ""] = /^\/v1\/jobs\/([^/]+)\/(.+)$/.exec(request.url ?? "") ?? [];
    const job = this.#jobs.get(id);
    if (job === undefined || request.headers.authorization !== `Bearer ${job.token}`) {
      response.writeHead(401).end("no such job");
    } else if (rest.startsWith("caches/")) {
      response.writeHead(404).end("caches are not kept");
    } else if (request.method === "GET") {
      const key = decodeURIComponent(rest.replace(/^objects\//, ""));
      const object = this.#layers.get(key) ?? (await this.#store.getBytes(key));
      if (object === undefined) response.writeHead(404).end("no such object");
      else sendObject(response, object, request.headers.range);
    } else if (this.failUploads > 0) {
      this.failUploads -= 1;
      await text(request);
      response.writeHead(503).end();
    } else {
      await this.#receive(request, rest, response);
    }
  }

  /** As `src/worker/jobs/routes.ts`. */
  async #receive(request: IncomingMessage, rest: string, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, upload = "", query = ""] = /^layers\/([^?]+)\?(.*)$/.exec(rest) ?? [];
    if (request.method === "POST") {
      const id = randomUUID();
      this.#uploads.set(id, []);
      response.writeHead(201).end(JSON.stringify({ upload: id }));
    } else if (request.method === "PATCH") {
      this.#uploads.get(upload)?.push(...chunks);
      response.writeHead(200).end("{}");
    } else {
      const digest = new URLSearchParams(query).get("digest");
      const toc = /^tocs\/(.+)$/.exec(rest)?.[1];
      const [key, bytes] =
        digest === null
          ? [tocKey(toc ?? ""), Buffer.concat(chunks)]
          : [blobKey(digest), Buffer.concat(this.#uploads.get(upload) ?? [])];
      await this.#store.put(key, bytes, bytes.length);
      response.writeHead(204).end();
    }
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    this.protocols = request.headers["sec-websocket-protocol"] ?? "";
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${accept}`,
        "Sec-WebSocket-Protocol: varve.runner",
        "\r\n",
      ].join("\r\n"),
    );
    this.#socket = socket;
    let buffer = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (let read = readFrame(buffer); read !== undefined; read = readFrame(buffer)) {
        buffer = buffer.subarray(read.length);
        if (read.opcode === 8) socket.end(frame(8, read.payload));
        else if (read.opcode === 1 && `${read.payload}` !== "ping")
          this.#hear(fromRunner.parse(JSON.parse(read.payload.toString())));
      }
    });
  }

  #hear(message: FromRunner): void {
    if (message.type === "log") {
      const job = this.#jobs.get(message.job);
      if (job !== undefined) job.outcome.log += message.text;
      this.onLog(message.job, message.text);
      return;
    }
    this.messages.push(message);
    if (message.type === "hello") {
      this.#connected.resolve();
    } else if (message.type === "found") {
      this.#searches.get(message.request)?.(message.snapshots);
    } else if (message.type === "done" || message.type === "failed") {
      const job = this.#jobs.get(message.job);
      if (message.type === "failed" && job !== undefined) job.outcome.failure = message.failure;
      if (message.type === "done" && job !== undefined) job.outcome.result = message.result;
      job?.resolve(job.outcome);
    }
  }
}

function sendObject(response: ServerResponse, object: Uint8Array, range: string | undefined): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  const body =
    first === undefined ? object : object.subarray(Number(first), last ? Number(last) + 1 : undefined);
  response.writeHead(first === undefined ? 200 : 206, { "content-length": body.length }).end(body);
}

/** Encodes a server's message as one unmasked frame. */
function frame(opcode: number, payload: Buffer): Buffer {
  const length = Buffer.alloc(payload.length < 126 ? 2 : 10);
  length[0] = 0x80 | opcode;
  if (payload.length < 126) {
    length[1] = payload.length;
  } else {
    length[1] = 127;
    length.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([length, payload]);
}

/** Decodes the first complete message of a client, which is masked. */
function readFrame(buffer: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (buffer.length < 6) return undefined;
  const short = (buffer[1] as number) & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (buffer.length < at + 4) return undefined;
  const size =
    short < 126 ? short : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
  const end = at + 4 + size;
  if (buffer.length < end) return undefined;
  const mask = buffer.subarray(at, at + 4);
  const payload = Buffer.from(buffer.subarray(at + 4, end));
  for (let i = 0; i < size; i++) payload[i] = (payload[i] as number) ^ (mask[i & 3] as number);
  return { opcode: (buffer[0] as number) & 0x0f, payload, length: end };
}
