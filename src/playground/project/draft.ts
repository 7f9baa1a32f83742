import { effect } from "@preact/signals";
import { preferences } from "../browser/storage.ts";
import { inputs } from "./project.ts";
import { encodeProject, openShared, ShareError } from "./share.ts";

/** Milliseconds without a change before the draft is stored. */
const DELAY = 800;

/**
 * Opens the stored draft of a lesson. Without a readable draft, calls `begin`. Does nothing after `signal` is aborted.
 */
export async function openDraft(
  name: string,
  begin: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const draft = preferences.read(name);
  if (draft === undefined) return begin();
  try {
    await openShared(draft, { id: name, signal });
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    if (!signal?.aborted) await begin();
  }
}

/**
 * Stores the project of a lesson in the browser after every change, unless it is too large.
 * @returns a function that stops it
 */
export function autosaveDraft(name: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let save: (() => void) | undefined;
  const stop = effect(() => {
    const { files, dockerfilePath, options } = inputs.value;
    clearTimeout(timer);
    save = () => {
      save = undefined;
      encodeProject(files, dockerfilePath, options).then(
        (draft) => preferences.store(name, draft),
        () => {
          // Too large to store: the earlier draft stays.
        },
      );
    };
    timer = setTimeout(() => save?.(), DELAY);
  });
  return () => {
    stop();
    clearTimeout(timer);
    save?.();
  };
}
