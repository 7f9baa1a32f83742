import { type Runner, startRunner } from "./runner.ts";
import type { FromProgram, ToProgram } from "./runner-apart.ts";
import type { Keyring } from "./sandbox/keyring.ts";

// The program that `startRunnerApart` starts.

type Answer = Extract<ToProgram, { type: "answer" | "refusal" }>;

let requests = 0;
const waiting = new Map<number, (answer: Answer) => void>();
let runner: Promise<Runner> | undefined;

function send(message: FromProgram): void {
  if (process.connected) process.send?.(message);
}

/** The keyring of the parent process. */
const keyring: Keyring = {
  secret: async (id) => (await request("secret", id)) as Uint8Array,
  agent: async (id) => (await request("agent", id)) as string,
};

async function request(kind: keyof Keyring, id: string): Promise<string | Uint8Array> {
  const number = requests++;
  const answer = await new Promise<Answer>((resolve) => {
    waiting.set(number, resolve);
    send({ type: "ask", number, kind, id });
  });
  if (answer.type === "refusal") throw new Error(answer.message);
  return answer.value;
}

async function start({ options }: Extract<ToProgram, { type: "start" }>): Promise<void> {
  const { hasKeyring, hasUnable, ...given } = options;
  runner = startRunner({
    ...given,
    ...(hasKeyring && { keyring }),
    ...(hasUnable && { unable: (reason) => send({ type: "unable", reason }) }),
    print: (text) => send({ type: "print", text }),
    idle: () => send({ type: "idle" }),
    refused: (answer) => send({ type: "refused", answer }),
    dismissed: () => send({ type: "dismissed" }),
    stored: (bytes) => send({ type: "stored", bytes }),
  });
  try {
    const { shortcomings } = await runner;
    send({ type: "started", shortcomings });
  } catch (error) {
    const { name, message } = error as Error;
    send({ type: "failed", name, message });
    process.disconnect();
  }
}

process.on("message", async (message: ToProgram) => {
  switch (message.type) {
    case "start":
      return start(message);
    case "close":
      await (await runner)?.close(message.now);
      return process.exit(0);
    default:
      waiting.get(message.number)?.(message);
      waiting.delete(message.number);
  }
});
