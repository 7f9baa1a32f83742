import "./lesson-page.css";
import type { Lesson } from "../../lessons/lesson.ts";
import { lessons } from "../../lessons/lessons.ts";
import { sessionOf } from "../../lessons/session.ts";
import { autosaveDraft } from "../../project/draft.ts";
import type { ViewProps } from "../../router.ts";
import { useTitle } from "../../ui/title.ts";
import { paneWidths } from "../workbench/pane-widths.ts";
import { Panes } from "../workbench/workbench.tsx";
import { LessonPanel } from "./lesson-panel.tsx";
import { messages } from "./messages.ts";

/** A lesson in the workbench, with the lesson's own project or the project of a link. */
export default function LessonPage({ params }: ViewProps) {
  const text = messages.value;
  const lesson = lessons.find(({ id }) => id === params.lesson);
  useTitle(lesson?.words.value.title ?? text.unknown);
  if (lesson !== undefined) {
    const { project } = params;
    return <OpenLesson key={`${lesson.id}/${project ?? ""}`} lesson={lesson} project={project} />;
  }
  return (
    <div class="frame-message">
      <h1>{text.unknown}</h1>
      <a href="#/learn">{text.all}</a>
    </div>
  );
}

function OpenLesson({ lesson, project }: { lesson: Lesson; project: string | undefined }) {
  const session = sessionOf(lesson);
  const { guide, build } = paneWidths("guide");
  return (
    <div class="lesson" style={{ "--guide-width": `${guide}px`, "--build-width": `${build}px` }}>
      <LessonPanel session={session} />
      <Panes
        key={session.restarts.value}
        title={lesson.words.value.title}
        first="guide"
        keep={() => autosaveDraft(session.projectId)}
        open={() => session.enter(project)}
        close={() => session.leave()}
      />
    </div>
  );
}
