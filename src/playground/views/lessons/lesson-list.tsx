import "./lesson-list.css";
import { lessons } from "../../lessons/lessons.ts";
import { progress } from "../../lessons/session.ts";
import { link } from "../../router.ts";
import { Icon } from "../../ui/icon.tsx";
import { useTitle } from "../../ui/title.ts";
import { messages } from "./messages.ts";

/** The list of lessons with the learner's progress. */
export default function LessonList() {
  const text = messages.value;
  useTitle(text.title);
  return (
    <div class="page lesson-list">
      <h1>{text.title}</h1>
      <p class="soft lesson-list-intro">
        {text.intro} {text.teach}
      </p>
      <p>
        <a href="#/learn/summary">{text.summary}</a>
      </p>
      <ol class="lesson-list-all">
        {lessons.map(({ id, words, steps }) => {
          const done = Math.min(progress.value.get(id) ?? 0, steps.length);
          const isDone = done === steps.length;
          return (
            <li key={id}>
              <h2>
                <a href={link("learn", id)}>{words.value.title}</a>
              </h2>
              <p>{words.value.question}</p>
              <p class={isDone ? "lesson-list-state lesson-list-done" : "lesson-list-state soft"}>
                {isDone && <Icon name="check" />}
                {isDone ? text.finished : done === 0 ? text.notBegun : text.stepsDone(done, steps.length)}
              </p>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
