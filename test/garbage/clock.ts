import { afterEach, beforeEach, vi } from "vitest";

export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;

/** Each test of the file starts at midnight of a day in 2030, with a clock that only the test advances. */
export function useClock(toFake: ("Date" | "setTimeout")[] = ["Date", "setTimeout"]): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake, now: Date.UTC(2030, 0, 1) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Advances the clock, without running timers. */
export function pass(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}
