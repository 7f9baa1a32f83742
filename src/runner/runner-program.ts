import type { Keyring } from "./keyring.ts";
import { type Runner, startRunner } from "./runner.ts";
import type { FromProgram, ToProgram } from "./runner-apart.ts";

// The program that `startRunnerApart` starts, and speaks to.

type Answer = Extract<ToProgram, { type: "answer" | "refusal" }>;

let asked = 0;
const waiting = new Map<number, (answer: Answer) => void>();
let runner: Promise<Runner> | undefined;

function say(message: FromProgram): void {
  if (process.connected) process.send?.(message);
}

/** That of whoever started this program. */
const keyring: Keyring = {
  secret: async (id) => (await ask("secret", id)) as Uint8Array,
  agent: async (id) => (await ask("agent", id)) as string,
};

async function ask(kind: keyof Keyring, id: string): Promise<string | Uint8Array> {
  const number = asked++;
  const answer = await new Promise<Answer>((resolve) => {
    waiting.set(number, resolve);
    say({ type: "ask", number, kind, id });
  });
  if (answer.type === "refusal") throw new Error(answer.message);
  return answer.value;
}

async function start({ options }: Extract<ToProgram, { type: "start" }>): Promise<void> {
  const { hasKeyring, ...given } = options;
  runner = startRunner({
    ...given,
    ...(hasKeyring && { keyring }),
    tell: (text) => say({ type: "tell", text }),
    idle: () => say({ type: "idle" }),
    refused: (answer) => say({ type: "refused", answer }),
    dismissed: () => say({ type: "dismissed" }),
    stored: (bytes) => say({ type: "stored", bytes }),
  });
  try {
    const { shortcomings } = await runner;
    say({ type: "started", shortcomings });
  } catch (error) {
    const { name, message } = error as Error;
    say({ type: "failed", name, message });
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
