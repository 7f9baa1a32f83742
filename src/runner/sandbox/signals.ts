import { constants } from "node:os";

const SIGNALS = Object.entries(constants.signals) as [NodeJS.Signals, number][];

/** The signal for a name or number of a Dockerfile or docker: `SIGTERM`, `term` or `15`; undefined when unknown. */
export function signalNamed(text: string): NodeJS.Signals | undefined {
  const name = text.toUpperCase();
  return SIGNALS.find(
    ([known, number]) => known === name || known === `SIG${name}` || String(number) === text,
  )?.[0];
}
