import { DisposableStackForOldNode } from "./disposable-stack.ts";

// What the command uses of the language and that versions of Node it runs on do not all have.

Promise.withResolvers ??= function withResolvers<T>(this: PromiseConstructor) {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new this<T>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
};

URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);

globalThis.AsyncDisposableStack ??= DisposableStackForOldNode;
