import { DisposableStackForOldNode } from "./disposable-stack.ts";

// Parts of the language that the command uses and that some supported versions of Node lack.

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
