import { effect } from "@preact/signals";
import { remember, remembered } from "../browser/preferences.ts";
import { openExample } from "./example.ts";
import { inputs } from "./project.ts";
import { encodeProject, openShared, ShareError } from "./share.ts";

/** Milliseconds without a change before the project is kept. */
const DELAY = 800;

/** The name under which the user's own project is kept. */
export const OWN_DRAFT = "draft";

/** Opens what was being worked at under this name, or else what `begin` opens; nothing once it is not wanted. */
export async function openDraft(
  name = OWN_DRAFT,
  begin: () => Promise<void> = openExample,
  signal?: AbortSignal,
): Promise<void> {
  const draft = remembered(name);
  if (draft === undefined) return begin();
  try {
    await openShared(draft, signal);
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    if (!signal?.aborted) await begin();
  }
}

/** Keeps the project in the browser under a name while it is small enough. Gives what ends that. */
export function keepDraft(name = OWN_DRAFT): () => void {
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
