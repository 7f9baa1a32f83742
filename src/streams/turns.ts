/**
 * Work of about ten milliseconds. Counted rather than measured, because the clock of workerd stops while a program
 * runs. Shorter turns would cost more, because a pause takes about a millisecond.
 */
const TURN = 1 << 22;

let done = 0;
let total = 0;

/**
 * Counts work on external input. Every loop over such input must call it, because an isolate has one thread for all
 * requests, and awaiting a resolved promise does not let others run. Returns undefined while the turn lasts, and then a
 * promise to await before further work.
 * @param units of work, each as long as inflating or hashing a byte: about 2 ns. A function call that allocates costs
 * some hundred units.
 */
export function spend(units: number): Promise<void> | undefined {
  addWork(units);
  if (done < TURN) return undefined;
  done = 0;
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Counts work of synchronous functions, which cannot pause: the next call of `spend` does. Keeps their callers
 * independent of the cost.
 * @param units as for `spend`
 */
export function addWork(units: number): void {
  done += units;
  total += units;
}

/** All units counted since the program started. */
export function countedWork(): number {
  return total;
}

/** A limit of the work that several calls of `inTurns` share. */
export interface TurnBudget {
  /** Remaining units of `spend`. */
  left: number;
  /** Creates the error for exceeding the limit. */
  exceeded(): Error;
}

/**
 * Runs a generator that yields the cost of each piece of work in units of `spend`, with pauses between pieces.
 * @throws the error of `budget` when the work exceeds it
 */
export async function inTurns<T>(work: Generator<number, T, undefined>, budget?: TurnBudget): Promise<T> {
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

/** Runs such a generator without pauses: for programs that do nothing else. */
export function atOnce<T>(work: Generator<number, T, undefined>): T {
  for (;;) {
    const { value, done } = work.next();
    if (done) return value;
  }
}
