/** A Worker may have six open connections. */
const AT_ONCE = 6;

/** Calls `act` for all items, six at a time. @throws the first error */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
