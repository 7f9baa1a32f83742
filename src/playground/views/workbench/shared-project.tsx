import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { openSharedProject } from "../../project/projects.ts";
import { navigate, type ViewProps } from "../../router.ts";
import { useTitle } from "../../ui/title.ts";
import { messages } from "./messages.ts";

/** Opens the project of a link in the workbench. */
export default function SharedProject({ params }: ViewProps) {
  const text = messages.value;
  useTitle(undefined);
  const failed = useSignal(false);
  useEffect(() => {
    openSharedProject(params.data ?? "").then(
      () => navigate("#/", { replace: true }),
      () => {
        failed.value = true;
      },
    );
  }, [params.data]);
  return (
    <div class="frame-message">
      {failed.value ? (
        <>
          <p role="alert">{text.sharedFault}</p>
          <a href="#/">{text.panes.editor}</a>
        </>
      ) : (
        <p class="soft">{text.opening}</p>
      )}
    </div>
  );
}
