/**
 * `AsyncDisposableStack` for versions of Node that lack it (before 24): the parts that the command uses, as ECMAScript's
 * explicit resource management specifies them.
 */
export class DisposableStackForOldNode implements AsyncDisposable {
  #isDisposed = false;
  readonly #disposals: (() => unknown)[] = [];

  get [Symbol.toStringTag](): string {
    return "AsyncDisposableStack";
  }

  get disposed(): boolean {
    return this.#isDisposed;
  }

  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    if (value !== null && value !== undefined) {
      this.#add(() =>
        Symbol.asyncDispose in value ? value[Symbol.asyncDispose]() : value[Symbol.dispose](),
      );
    }
    return value;
  }

  adopt<T>(value: T, onDispose: (value: T) => PromiseLike<void> | void): T {
    this.#add(() => onDispose(value));
    return value;
  }

  defer(onDispose: () => PromiseLike<void> | void): void {
    this.#add(onDispose);
  }

  move(): DisposableStackForOldNode {
    const moved = new DisposableStackForOldNode();
    for (const disposal of this.#disposals.splice(0)) moved.#add(disposal);
    this.#isDisposed = true;
    return moved;
  }

  disposeAsync(): Promise<void> {
    return this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    const errors: unknown[] = [];
    for (const disposal of this.#disposals.splice(0).reverse()) {
      try {
        await disposal();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 0) return;
    throw errors.reduce((suppressed, error) =>
      Object.assign(new Error("An error was suppressed during disposal"), {
        name: "SuppressedError",
        error,
        suppressed,
      }),
    );
  }

  #add(disposal: () => unknown): void {
    if (this.#isDisposed) throw new ReferenceError("The stack is disposed already");
    this.#disposals.push(disposal);
  }
}
