import type { ReadonlySignal } from "@preact/signals";

/** Resolves with the first value of a signal, starting with the current one, that passes a test. */
export function firstValue<T>(signal: ReadonlySignal<T>, test: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const stop = signal.subscribe((value) => {
      if (!test(value)) return;
      // The first call is made before `subscribe` returns.
      queueMicrotask(() => stop());
      resolve(value);
    });
  });
}
