import { preferences } from "../browser/storage.ts";
import { autosave } from "./autosave.ts";
import { openShared, ShareError } from "./share.ts";

/**
 * Opens the stored draft of a lesson, or calls `openInitial` without a valid draft. Does nothing after an abort.
 */
export async function openDraft(
  name: string,
  openInitial: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const draft = preferences.read(name);
  if (draft === undefined) return openInitial();
  try {
    await openShared(draft, { id: name, signal });
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    if (!signal?.aborted) await openInitial();
  }
}

/** Stores the project of a lesson after each change, unless it is too large. @returns a function that stops this */
export function autosaveDraft(name: string): () => void {
  return autosave(() => ({ id: name, store: (data) => preferences.store(name, data) }));
}
