/**
 * Whether a call of a Durable Object failed because its instance was moved, evicted, replaced by a deploy or overloaded. The call may
 * have been executed. The runtime marks such errors:
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export function isObjectInterrupted(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { durableObjectReset, retryable, overloaded } = error as Partial<
    Record<"durableObjectReset" | "retryable" | "overloaded", unknown>
  >;
  return durableObjectReset === true || retryable === true || overloaded === true;
}
