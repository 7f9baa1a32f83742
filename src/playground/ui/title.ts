import { useEffect } from "preact/hooks";

/** Sets the title of the document, for example `Builds – varve`. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? "varve" : `${title} – varve`;
  }, [title]);
}
