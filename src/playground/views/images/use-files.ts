import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FileEntry } from "../../../../schemas/images.ts";
import { FileTree } from "../../images/file-tree.ts";
import { fetchFiles, type ImageAt, imagePath } from "../../images/image-service.ts";

/** The files that have arrived so far. */
export interface FilesSoFar {
  tree: FileTree;
  isComplete: boolean;
  error?: unknown;
}

/** Milliseconds between two updates of the tree. */
const UPDATE_INTERVAL = 200;

/** Loads the files of an image. @param layer index of the layer; undefined for the merged tree */
export function useFiles(image: ImageAt, layer: number | undefined): FilesSoFar | undefined {
  const key = `${imagePath(image)} ${layer}`;
  const loaded = useSignal<(FilesSoFar & { key: string }) | undefined>(undefined);
  useEffect(() => {
    const aborter = new AbortController();
    const entries: FileEntry[] = [];
    const show = (rest: Pick<FilesSoFar, "isComplete" | "error">) => {
      if (!aborter.signal.aborted) loaded.value = { key, tree: new FileTree(entries), ...rest };
    };
    const load = async () => {
      let shownAt = 0;
      for await (const batch of fetchFiles(image, layer, aborter.signal)) {
        entries.push(...batch);
        if (performance.now() - shownAt < UPDATE_INTERVAL) continue;
        show({ isComplete: false });
        shownAt = performance.now();
      }
      show({ isComplete: true });
    };
    load().catch((error: unknown) => show({ isComplete: true, error }));
    return () => aborter.abort();
  }, [key]);
  return loaded.value?.key === key ? loaded.value : undefined;
}
