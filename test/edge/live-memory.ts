interface HeapUsage {
  /** Bytes of live and dead objects. */
  usedSize: number;
  embedderHeapUsedSize?: number;
  /** Bytes of buffers outside the heap. */
  backingStorageSize?: number;
}

/** The memory of an isolate. Each sample collects garbage first, so it has only what is reachable. */
export class LiveMemory implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;
  #sampling: Promise<void> | undefined;
  #isStopped = false;
  /** The largest sample, in bytes. */
  peak = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  /** Connects to the isolate of a Worker, by the protocol of Chrome's developer tools. */
  static async connect(inspector: URL, worker: string): Promise<LiveMemory> {
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
    const memory = new LiveMemory(socket);
    await memory.#call("HeapProfiler.enable");
    return memory;
  }

  /** Bytes that are reachable now. */
  async sample(): Promise<number> {
    await this.#call("HeapProfiler.collectGarbage");
    const usage = (await this.#call("Runtime.getHeapUsage")) as HeapUsage;
    const bytes = usage.usedSize + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0);
    this.peak = Math.max(this.peak, bytes);
    return bytes;
  }

  /** Samples while an action runs. @returns the largest sample */
  async during(action: () => Promise<unknown>, milliseconds = 15_000): Promise<number> {
    this.peak = 0;
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
    return this.peak;
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
