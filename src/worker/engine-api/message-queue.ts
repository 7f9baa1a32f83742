import type { EngineMessage } from "../../engine-api/build-messages.ts";

/** Yields the messages that `act` emits while it runs. Throws its error at the end. */
export async function* messagesOf(
  act: (emit: (message: EngineMessage) => void) => Promise<void>,
): AsyncGenerator<EngineMessage, void, undefined> {
  let waiting: EngineMessage[] = [];
  let wake = Promise.withResolvers<void>();
  let isDone = false;
  const emit = (message: EngineMessage) => {
    waiting.push(message);
    wake.resolve();
  };
  const done = act(emit).finally(() => {
    isDone = true;
    wake.resolve();
  });
  // `await done` throws the error.
  done.catch(() => {});
  while (!isDone || waiting.length > 0) {
    await wake.promise;
    wake = Promise.withResolvers<void>();
    const messages = waiting;
    waiting = [];
    yield* messages;
  }
  await done;
}
