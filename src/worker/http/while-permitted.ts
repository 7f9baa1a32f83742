/** Throws when the caller has lost the right to receive the rest of a response. */
export type Permit = () => Promise<void>;

/** Maximum time in milliseconds for which a response continues after the caller has lost the right. */
export const PERMIT_MS = 3_000;

/**
 * The bytes of a stream while `permit` does not throw. Otherwise fails with the error of `permit`, even when no bytes are being
 * read, and cancels the source.
 */
export function whilePermitted(
  source: ReadableStream<Uint8Array>,
  permit: Permit,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let timer: ReturnType<typeof setTimeout>;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const look = async () => {
          try {
            await permit();
            timer = setTimeout(look, PERMIT_MS);
          } catch (error) {
            controller.error(error);
            await reader.cancel(error).catch(() => {});
          }
        };
        timer = setTimeout(look, PERMIT_MS);
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
