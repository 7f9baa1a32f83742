import "./lesson-page.css";
import type { Lesson } from "../../lessons/lesson.ts";
import { lessons } from "../../lessons/lessons.ts";
import { sessionOf } from "../../lessons/session.ts";
import { keepDraft } from "../../project/draft.ts";
import type { ViewProps } from "../../router.ts";
import { useTitle } from "../../ui/title.ts";
import { Panes } from "../workbench/workbench.tsx";
import { LessonPanel } from "./lesson-panel.tsx";
import { messages } from "./messages.ts";

/** Width of the panel in CSS pixels, as in the style sheet. */
const PANEL = 320;

/** A lesson, with its own project or that of the address: what to do beside the workbench in which it is done. */
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
  return (
    <div class="lesson">
      <LessonPanel session={session} />
      <Panes
        key={session.round.value}
        title={lesson.words.value.title}
        taken={PANEL}
        keep={() => keepDraft(session.draft)}
        open={() => session.enter(project)}
        close={() => session.leave()}
      />
    </div>
  );
}
