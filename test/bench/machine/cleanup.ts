/** Functions to call when a signal stops the program, the last one first. */
const cleanups = new Set<() => void>();

/** Registers `undo` for a stop of the program. Returns a function that removes it. */
export function onStop(undo: () => void): () => void {
  cleanups.add(undo);
  return () => cleanups.delete(undo);
}

/** Calls the remaining functions. */
export function cleanUp(): void {
  for (const undo of [...cleanups].reverse()) {
    try {
      undo();
    } catch (error) {
      console.error(error);
    }
  }
  cleanups.clear();
}
