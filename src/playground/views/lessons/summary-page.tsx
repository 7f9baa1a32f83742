import "./summary-page.css";
import type { Lesson } from "../../lessons/lesson.ts";
import { lessons } from "../../lessons/lessons.ts";
import { progress } from "../../lessons/session.ts";
import { Button } from "../../ui/button.tsx";
import { useTitle } from "../../ui/title.ts";
import { messages } from "./messages.ts";
import { Prose } from "./prose.tsx";

/** A printable summary of the completed steps. */
export default function SummaryPage() {
  const text = messages.value;
  useTitle(text.summary);
  const begun = lessons.filter(({ id }) => (progress.value.get(id) ?? 0) > 0);
  return (
    <div class="page lesson-summary">
      <p class="lesson-summary-back">
        <a href="#/learn">{text.all}</a>
      </p>
      <div class="page-head">
        <h1>{text.summary}</h1>
        {begun.length > 0 && <Button onClick={() => print()}>{text.print}</Button>}
      </div>
      {begun.length === 0 && <p class="soft">{text.summaryEmpty}</p>}
      {begun.map((lesson) => (
        <LessonSummary key={lesson.id} lesson={lesson} />
      ))}
    </div>
  );
}

function LessonSummary({ lesson: { id, steps, words } }: { lesson: Lesson }) {
  const done = steps.slice(0, progress.value.get(id) ?? 0);
  return (
    <article>
      <h2>{words.value.title}</h2>
      <p class="soft">{words.value.question}</p>
      <ul>
        {done.map(({ id, code }) => (
          <li key={id}>
            {code !== undefined && <pre>{code.join("\n")}</pre>}
            <Prose text={words.value.steps[id]?.after ?? ""} />
          </li>
        ))}
      </ul>
    </article>
  );
}
