import { useEffect } from "preact/hooks";

/** Names the page in the browser's tab: `Builds – varve`. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? "varve" : `${title} – varve`;
  }, [title]);
}
