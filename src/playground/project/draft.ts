import { effect } from "@preact/signals";
import { remember, remembered } from "../browser/preferences.ts";
import { inputs } from "./project.ts";
import { encodeProject, openShared, ShareError } from "./share.ts";

/** Milliseconds without a change before the project is kept. */
const DELAY = 800;

/** Opens the project of a lesson as it was left, or else what `begin` opens; nothing once it is not wanted. */
export async function openDraft(
  name: string,
  begin: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const draft = remembered(name);
  if (draft === undefined) return begin();
  try {
    await openShared(draft, { id: name, signal });
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    if (!signal?.aborted) await begin();
  }
}

/** Keeps the project of a lesson in the browser while it is small enough. @returns what ends that */
export function keepDraft(name: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let save: (() => void) | undefined;
  const stop = effect(() => {
    const { files, dockerfilePath, options } = inputs.value;
    clearTimeout(timer);
    save = () => {
      save = undefined;
      encodeProject(files, dockerfilePath, options).then(
        (draft) => remember(name, draft),
        () => {
          // Too large to be kept: what was kept before stays.
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
