/**
 * Work of about ten milliseconds. Counted and not measured: in workerd the clock stands still while a program runs. A
 * shorter turn would cost more, since a pause takes about a millisecond.
 */
const TURN = 1 << 22;

let done = 0;
let total = 0;

/**
 * Counts work on external input. Every loop over such input calls it, because an isolate has one thread for all
 * requests, and awaiting what is at hand does not let others run. Undefined while the turn lasts; otherwise a promise to
 * await before the next piece of work.
 *
 * @param units of work, each as long as it takes to inflate or hash a byte: about 2 ns. A call of a function that
 * allocates something costs some hundred.
 */
export function spend(units: number): Promise<void> | undefined {
  addWork(units);
  if (done < TURN) return undefined;
  done = 0;
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Counts work where others cannot run: the next call of `spend` lets them. For functions that are not asynchronous and whose
 * work depends on their input, so that their callers need not know it.
 *
 * @param units as of `spend`
 */
export function addWork(units: number): void {
  done += units;
  total += units;
}

/** All units that were counted since the program was started. */
export function countedWork(): number {
  return total;
}

/** Work that several calls of `inTurns` may do together. */
export interface Budget {
  /** In units of `spend`. */
  left: number;
  /** The error of work that takes more. */
  exceeded(): Error;
}

/**
 * Runs work that is written as a generator, which yields after each piece what it cost in units of `spend`, and lets
 * others run between pieces.
 *
 * @throws what `budget` says when the work takes more than that
 */
export async function inTurns<T>(work: Generator<number, T, undefined>, budget?: Budget): Promise<T> {
  for (;;) {
    const { value, done } = work.next();
    if (done) return value;
    if (budget !== undefined) {
      budget.left -= value;
      if (budget.left < 0) throw budget.exceeded();
    }
    const turn = spend(value);
    if (turn !== undefined) await turn;
  }
}

/** Runs such work without letting others run: for programs that do nothing else. */
export function atOnce<T>(work: Generator<number, T, undefined>): T {
  for (;;) {
    const { value, done } = work.next();
    if (done) return value;
  }
}
