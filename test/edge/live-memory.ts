interface HeapUsage {
  /** Bytes of live and dead objects. */
  usedSize: number;
  embedderHeapUsedSize?: number;
  /** Bytes of buffers outside the heap. */
  backingStorageSize?: number;
}

/** Bytes that are reachable. */
interface Sample {
  heap: number;
  /** Outside the heap. */
  buffers: number;
}

/** The memory of an isolate. Each sample collects garbage first, so it has only what is reachable. */
export class LiveMemory implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;
  #sampling: Promise<void> | undefined;
  #isStopped = false;
  #peak: Sample = { heap: 0, buffers: 0 };

  readonly #wake: () => Promise<unknown>;

  private constructor(socket: WebSocket, wake: () => Promise<unknown>) {
    this.#socket = socket;
    this.#wake = wake;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** Connects to the isolate of a Worker, by the protocol of Chrome's developer tools. @param wake sends it a request */
  static async connect(inspector: URL, worker: string, wake: () => Promise<unknown>): Promise<LiveMemory> {
    const targets = (await (await fetch(`http://${inspector.host}/json`)).json()) as {
      id: string;
      webSocketDebuggerUrl: string;
    }[];
    const target = targets.find(({ id }) => id.includes(worker));
    if (target === undefined) throw new Error(`There is no isolate of ${worker}`);
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    const memory = new LiveMemory(socket, wake);
    await memory.#call("HeapProfiler.enable");
    return memory;
  }

  /** The memory that is reachable now. */
  async sample(): Promise<Sample> {
    let isCollected = false;
    const collecting = this.#call("HeapProfiler.collectGarbage").then(() => {
      isCollected = true;
    });
    // An idle isolate collects when the next request arrives.
    while (!isCollected) {
      // A connection may end while it is reused.
      await this.#wake().catch(() => {});
      await Promise.race([collecting, new Promise((resolve) => setTimeout(resolve, 200))]);
    }
    const usage = (await this.#call("Runtime.getHeapUsage")) as HeapUsage;
    const sample = {
      heap: usage.usedSize + (usage.embedderHeapUsedSize ?? 0),
      buffers: usage.backingStorageSize ?? 0,
    };
    if (totalOf(sample) > totalOf(this.#peak)) this.#peak = sample;
    return sample;
  }

  /** Samples while an action runs. @returns the largest sample */
  async during(action: () => Promise<unknown>, milliseconds = 1_000): Promise<Sample> {
    this.#peak = { heap: 0, buffers: 0 };
    this.#isStopped = false;
    this.#sampling = (async () => {
      while (!this.#isStopped) {
        await this.sample();
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
      }
    })();
    try {
      await action();
    } finally {
      this.#isStopped = true;
      await this.#sampling;
    }
    return this.#peak;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await this.#sampling;
    this.#socket.close();
  }

  #call(method: string): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params: {} }));
    });
  }
}

function totalOf({ heap, buffers }: Sample): number {
  return heap + buffers;
}
