// Relative, so that the bundle has them: packages of the repository are not built.
import { afterWorkingDays } from "../../../packages/dates/src/index.js";
import { percentage } from "../../../packages/money/src/index.js";

export interface Invoice {
  net: number;
  tax: number;
  due: string;
}

/** An invoice over some cents, due ten working days later. */
export function invoice(cents: number, day: Date): Invoice {
  return {
    net: cents,
    tax: percentage(cents, 19),
    due: afterWorkingDays(day, 10).toISOString().slice(0, 10),
  };
}
