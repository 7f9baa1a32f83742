/** A running CPU profile. */
interface Profiler {
  /** Stops the profile and returns it as JSON, in Chromium's format. */
  stop(): Promise<string>;
}

interface Answer {
  id?: number;
  result?: { profile?: object };
}

/** Starts the CPU profiler of the Worker of this name behind an inspector. */
export async function startProfiler(inspector: URL, worker: string): Promise<Profiler> {
  const targets = (await (await fetch(`http://${inspector.host}/json`)).json()) as {
    id: string;
    webSocketDebuggerUrl: string;
  }[];
  const target = targets.find(({ id }) => id.endsWith(worker));
  if (target === undefined)
    throw new Error(`Cannot profile ${worker}: the Workers are ${targets.map(({ id }) => id)}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener("message", ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id ?? -1)?.(answer);
  });
  let last = 0;
  const call = (method: string, params = {}) => {
    last += 1;
    socket.send(JSON.stringify({ id: last, method, params }));
    return new Promise<Answer>((resolve) => waiting.set(last, resolve));
  };
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: 1000 });
  await call("Profiler.start");
  return {
    async stop() {
      const { result } = await call("Profiler.stop");
      socket.close();
      return JSON.stringify(result?.profile);
    },
  };
}
