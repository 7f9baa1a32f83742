import { useSignal } from "@preact/signals";
import { encodeLessonProject, lessonOfProject } from "../../lessons/linked-project.ts";
import { inputs, projectId } from "../../project/project.ts";
import { encodeProject, ShareError } from "../../project/share.ts";
import { link } from "../../router.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { messages } from "./messages.ts";

/** Copies a link that contains the project. In a lesson, the link opens the lesson with this project. */
export function ShareButton() {
  const text = messages.value;
  const notice = useSignal("");
  const share = async () => {
    const { files, dockerfilePath, options } = inputs.peek();
    try {
      const id = projectId.peek();
      const lesson = lessonOfProject(id);
      const shared =
        lesson === undefined
          ? link("project", await encodeProject(files, dockerfilePath, options))
          : link("learn", lesson, await encodeLessonProject(id, files, dockerfilePath));
      const address = new URL(shared, location.href).href;
      await navigator.clipboard.writeText(address);
      notice.value = text.shared;
    } catch (error) {
      if (!(error instanceof ShareError)) throw error;
      notice.value = text.shareTooLarge;
    }
    announce(notice.value);
    setTimeout(() => {
      notice.value = "";
    }, 4000);
  };
  return (
    <>
      <Button kind="quiet" icon="share" onClick={() => void share()}>
        {text.share}
      </Button>
      {notice.value !== "" && <span class="soft">{notice.value}</span>}
    </>
  );
}
