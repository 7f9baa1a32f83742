import { pause } from "../../streams/pause.ts";

/**
 * Whether a call of a Durable Object failed because its instance was moved, evicted, replaced by a deploy or overloaded, or runs an
 * older version. The call may have been executed. The runtime marks such errors:
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export function isObjectInterrupted(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (isMethodMissing(error)) return true;
  const { durableObjectReset, retryable, overloaded } = error as Partial<
    Record<"durableObjectReset" | "retryable" | "overloaded", unknown>
  >;
  return durableObjectReset === true || retryable === true || overloaded === true;
}

/**
 * Whether an object lacks the called method. In a gradual deployment it may run an older version than the caller for hours:
 * https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/#gradual-deployments-for-durable-objects
 */
export function isMethodMissing(error: unknown): boolean {
  return (
    error instanceof TypeError && error.message.startsWith("The RPC receiver does not implement the method")
  );
}

/** Maximum attempts of a call, and the pause before the second one, doubled each time: more than six seconds in total. */
const ATTEMPTS = 7;
const PAUSE_MS = 100;

/**
 * Calls a Durable Object, and retries while its instance is being replaced. Only for calls that may be executed twice.
 * @param call must get a new stub each time, because a stub is unusable after such an error
 */
export async function callObject<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isRepeated = isObjectInterrupted(error) && !isMethodMissing(error);
      if (!isRepeated || attempt === ATTEMPTS) throw error;
      await pause(PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}
