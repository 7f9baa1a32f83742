import type { Message } from "../../engine-api/build-messages.ts";

/** Yields the messages that `act` emits while it runs. Throws its error at the end. */
export async function* emitted(
  act: (emit: (message: Message) => void) => Promise<void>,
): AsyncGenerator<Message, void, undefined> {
  let waiting: Message[] = [];
  let wake = Promise.withResolvers<void>();
  let isDone = false;
  const emit = (message: Message) => {
    waiting.push(message);
    wake.resolve();
  };
  const done = act(emit).finally(() => {
    isDone = true;
    wake.resolve();
  });
  // The error is thrown where `done` is awaited.
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
