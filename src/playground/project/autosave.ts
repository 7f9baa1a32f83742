import { effect } from "@preact/signals";
import { inputs } from "./project.ts";
import { encodeProject } from "./share.ts";

/** Milliseconds without a change before the project is stored. */
const DELAY_MS = 800;

interface SaveTarget {
  /** Id of the project. */
  id: string;
  store(data: string): void;
  onTooLarge?(): void;
}

/**
 * Stores the open project after each change.
 * @param target where to store the current project; reads signals whose changes count as changes of the project
 * @returns a function that stores pending changes and stops this
 */
export function autosave(target: () => SaveTarget): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: { id: string; save(): void } | undefined;
  const stop = effect(() => {
    const { files, dockerfilePath, options } = inputs.value;
    const { id, store, onTooLarge = () => {} } = target();
    clearTimeout(timer);
    // Another project was opened: store the previous one now.
    if (pending?.id !== id) pending?.save();
    const save = () => {
      pending = undefined;
      encodeProject(files, dockerfilePath, options).then(store, onTooLarge);
    };
    pending = { id, save };
    timer = setTimeout(save, DELAY_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
    pending?.save();
  };
}
