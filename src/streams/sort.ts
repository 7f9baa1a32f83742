/** Numbers sorted at once before they are merged. */
const RUN = 64;

/**
 * Sorts numbers in place with a comparison function. Stable. Works in pieces: see `inTurns`.
 * @param meter counts the cost of `compare`
 */
export function* sortNumbers(
  order: Uint32Array<ArrayBuffer>,
  compare: (a: number, b: number) => number,
  meter: { work: number },
): Generator<number, void, undefined> {
  const spent = () => {
    const { work } = meter;
    meter.work = 0;
    return work;
  };
  for (let from = 0; from < order.length; from += RUN) {
    order.subarray(from, from + RUN).sort(compare);
    yield spent();
  }
  let source = order;
  let target = new Uint32Array(order.length);
  for (let width = RUN; width < order.length; width *= 2) {
    for (let from = 0; from < order.length; from += 2 * width) {
      const middle = Math.min(from + width, order.length);
      const end = Math.min(from + 2 * width, order.length);
      for (let at = from, left = from, right = middle; at < end; at++) {
        const isLeft =
          right >= end || (left < middle && compare(source[left] as number, source[right] as number) <= 0);
        target[at] = source[isLeft ? left++ : right++] as number;
        if (at % RUN === 0) yield spent();
      }
    }
    [source, target] = [target, source];
  }
  if (source !== order) order.set(source);
}
