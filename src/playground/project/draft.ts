import { effect } from "@preact/signals";
import { remember, remembered } from "../browser/preferences.ts";
import { openExample } from "./example.ts";
import { inputs } from "./project.ts";
import { encodeProject, openShared, ShareError } from "./share.ts";

/** Milliseconds without a change before the project is kept. */
const DELAY = 800;

/** Opens what was being worked at, or else the example. */
export async function openDraft(): Promise<void> {
  const draft = remembered("draft");
  if (draft === undefined) return openExample();
  try {
    await openShared(draft);
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    await openExample();
  }
}

/** Keeps the project in the browser while it is small enough. Gives what ends that. */
export function keepDraft(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const { files, dockerfilePath, options } = inputs.value;
    clearTimeout(timer);
    timer = setTimeout(() => {
      encodeProject(files, dockerfilePath, options).then(
        (draft) => remember("draft", draft),
        () => {
          // Too large to be kept: what was kept before stays.
        },
      );
    }, DELAY);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
