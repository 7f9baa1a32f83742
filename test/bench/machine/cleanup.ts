/** What must be undone when the program is stopped by a signal, the last first. */
const cleanups = new Set<() => void>();

/** Has `undo` called when the program is stopped. The result takes that back. */
export function onStop(undo: () => void): () => void {
  cleanups.add(undo);
  return () => cleanups.delete(undo);
}

/** Undoes what is left. */
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
