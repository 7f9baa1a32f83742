/** Throws when what is being sent may not be sent any more. */
export type Permit = () => Promise<void>;

/** Milliseconds for which an answer goes on, at most, after it should not. */
export const permitMilliseconds = 3_000;

/**
 * The bytes of a stream for as long as they may be sent. It fails with what `permit` throws, though nothing is read
 * then, and whoever gives it bytes is told to stop.
 */
export function permitted(
  source: ReadableStream<Uint8Array>,
  permit: Permit,
  every = permitMilliseconds,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let timer: ReturnType<typeof setTimeout>;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const look = async () => {
          try {
            await permit();
            timer = setTimeout(look, every);
          } catch (error) {
            controller.error(error);
            await reader.cancel(error).catch(() => {});
          }
        };
        timer = setTimeout(look, every);
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        clearTimeout(timer);
        controller.close();
      },
      async cancel(reason) {
        clearTimeout(timer);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
