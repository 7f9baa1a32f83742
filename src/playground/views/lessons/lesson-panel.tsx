import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LessonBuild } from "../../lessons/lesson.ts";
import { lessons } from "../../lessons/lessons.ts";
import { isAnswerable } from "../../lessons/progress.ts";
import type { LessonStep, StepWords } from "../../lessons/schema.ts";
import type { LessonSession } from "../../lessons/session.ts";
import { link, navigate } from "../../router.ts";
import { fetchRunners } from "../../service.ts";
import { runInShell } from "../../shell/shell.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { CodeLines } from "../../ui/code-text.tsx";
import { CopyButton } from "../../ui/digest.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { messages } from "./messages.ts";
import { Prose } from "./prose.tsx";
import { StepNotice } from "./step-notice.tsx";
import { StepRequirements } from "./step-requirements.tsx";

/** The steps of a lesson. A task is completed when its condition is true. */
export function LessonPanel({ session }: { session: LessonSession }) {
  const text = messages.value;
  const { lesson, factsError } = session;
  const { title, question, steps: words } = lesson.words.value;
  const done = session.done.value;
  const current = lesson.steps[done];
  const announced = useRef(done);
  const panel = useRef<HTMLElement>(null);
  const here = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const finished = lesson.steps[done - 1];
    if (done > announced.current && finished !== undefined) {
      announce(`${text.stepDone} ${words[finished.id]?.after.replaceAll("`", "")}`);
    }
    // The focus was on an answer that is gone.
    if (done !== announced.current && document.activeElement === document.body) here.current?.focus();
    announced.current = done;
    if (panel.current !== null) scrollToCurrent(panel.current);
  }, [done]);
  return (
    <section ref={panel} class="lesson-panel" aria-label={text.panel}>
      <p class="lesson-place">
        <a href="#/learn">{text.all}</a>
        <span class="soft">{text.place(lessons.indexOf(lesson) + 1, lessons.length)}</span>
      </p>
      <h2>{title}</h2>
      <p>{question}</p>
      {session.isLinkInvalid.value && <p role="alert">{text.linkInvalid}</p>}
      {session.linkedProject.value !== undefined && (
        <div class="lesson-note">
          <p>{text.linkedProject}</p>
          <Button
            kind="quiet"
            onClick={() => {
              session.useLessonProject();
              navigate(link("learn", lesson.id), { replace: true });
            }}
          >
            {text.useLessonProject}
          </Button>
        </div>
      )}
      <ol class="lesson-steps">
        {lesson.steps.slice(0, done).map((step, index) => (
          <li key={step.id} class={`lesson-done${index === done - 1 ? " lesson-latest" : ""}`}>
            <Icon name="check" />
            <div>
              <p class="soft">
                <span class="visually-hidden">{text.stepDone} </span>
                <Prose text={words[step.id]?.task ?? ""} />
              </p>
              {step.code !== undefined && (
                <pre class="lesson-done-code">
                  <CodeLines lines={step.code} />
                </pre>
              )}
              <p>
                <Prose text={words[step.id]?.after ?? ""} />
              </p>
            </div>
          </li>
        ))}
        {current !== undefined && (
          <li key={current.id} ref={here} tabIndex={-1} class="lesson-current" aria-current="step">
            <CurrentStep session={session} step={current} words={words[current.id] as StepWords} />
          </li>
        )}
      </ol>
      {factsError.value !== undefined && (
        <>
          <p>{text.fault}</p>
          <ProblemNote error={factsError.value} />
        </>
      )}
      {current === undefined && <LessonEnd session={session} />}
      <StepNotice panel={panel} done={done} />
      <div class="lesson-foot">
        {done > 0 && (
          <Button kind="quiet" onClick={() => session.restart()}>
            {text.restart}
          </Button>
        )}
        <a href="#/">{text.own}</a>
      </div>
    </section>
  );
}

/** Scrolls to the explanation of the last completed step, but always far enough to show the current step. */
function scrollToCurrent(panel: HTMLElement): void {
  const current = panel.querySelector(".lesson-current, .lesson-end");
  const latest = panel.querySelector(".lesson-latest");
  if (current === null || latest === null) return;
  const area = panel.getBoundingClientRect();
  const { top, bottom } = current.getBoundingClientRect();
  panel.scrollTop += Math.max(
    latest.getBoundingClientRect().top - area.top,
    Math.min(top - area.top, bottom - area.bottom),
  );
}

/** Scrolls to a new element. */
function scrollHere(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}

function CurrentStep({
  session,
  step,
  words,
}: {
  session: LessonSession;
  step: LessonStep;
  words: StepWords;
}) {
  const text = messages.value;
  const isHintOpen = useSignal(false);
  const hasRunner = useSignal(false);
  useEffect(() => {
    if (words.withRunner === undefined) return;
    fetchRunners().then(
      ({ runners }) => {
        hasRunner.value = runners.length > 0;
      },
      () => {},
    );
  }, [step.id]);
  const { steps } = session.lesson;
  const wrong = session.wrongAnswer.value;
  return (
    <>
      <h3>{text.stepOf(steps.indexOf(step) + 1, steps.length)}</h3>
      <p class="lesson-task">
        <Prose text={words.task} />
      </p>
      {step.code !== undefined && (
        <div class="lesson-code">
          <pre>
            <CodeLines lines={step.code} />
          </pre>
          <CopyButton text={step.code.join("\n")} />
        </div>
      )}
      {isCommand(step) && (
        <Button icon="play" onClick={() => runInShell(step.code?.join("\n") ?? "")}>
          {text.runInShell}
        </Button>
      )}
      {session.lesson.runs && <StepRequirements session={session} step={step} after={words.after} />}
      {words.withRunner !== undefined && hasRunner.value && (
        <p class="lesson-note">
          <Prose text={words.withRunner.replaceAll("{host}", location.host)} />
        </p>
      )}
      {step.showsDigests && <Digests session={session} />}
      {step.see !== undefined && <ImageLink session={session} tab={step.see} />}
      {step.kind === "question" && (
        <fieldset class="lesson-answers">
          <legend class="visually-hidden">{words.task.replaceAll("`", "")}</legend>
          {step.answers.map((name) => (
            <Button
              key={name}
              pressed={wrong === name}
              disabled={!isAnswerable(step, session.state.value)}
              onClick={() => session.answer(name)}
            >
              {words.answers?.[name] ?? name}
            </Button>
          ))}
        </fieldset>
      )}
      {wrong !== undefined && (
        <p ref={scrollHere} class="lesson-wrong" role="status">
          <Icon name="close" />
          {text.wrong(words.answers?.[wrong] ?? wrong)}
        </p>
      )}
      <Button
        kind="quiet"
        icon="question"
        expanded={isHintOpen.value}
        onClick={() => {
          isHintOpen.value = !isHintOpen.value;
        }}
      >
        {text.hint}
      </Button>
      {isHintOpen.value && (
        <p ref={scrollHere} class="lesson-note">
          <Prose text={words.hint} />
        </p>
      )}
    </>
  );
}

/** Whether the code of a step is a command for the shell. */
function isCommand(step: LessonStep): boolean {
  return step.kind === "task" && (step.code?.[0]?.startsWith("docker ") ?? false);
}

/** A link to the page of the last image. */
function ImageLink({ session, tab }: { session: LessonSession; tab: "layers" | "objects" | "config" }) {
  const text = messages.value;
  const build = session.builds.value.at(-1);
  if (build === undefined) return <p class="soft">{text.seeFirst}</p>;
  return (
    <p>
      <a href={imageAddress(session, build, tab)}>{text.see[tab]}</a>
    </p>
  );
}

/** Returns the address of an image's page with a link back to the lesson. */
function imageAddress({ lesson }: LessonSession, { result }: LessonBuild, tab: string): string {
  const { repository, descriptor } = result;
  return `${link("images", repository, descriptor.digest)}?${new URLSearchParams({ tab, lesson: lesson.id })}`;
}

/** The digests of the last two images. */
function Digests({ session }: { session: LessonSession }) {
  const text = messages.value;
  const builds = session.builds.value.slice(-2);
  if (builds.length < 2) return null;
  return (
    <dl class="lesson-digests">
      {builds.map((build, index) => (
        <div key={index}>
          <dt>{index === 0 ? text.imageBefore : text.imageNow}</dt>
          <dd>
            <a href={imageAddress(session, build, "objects")}>
              <code>{build.result.descriptor.digest.slice(0, 19)}…</code>
            </a>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function LessonEnd({ session }: { session: LessonSession }) {
  const text = messages.value;
  const next = lessons[lessons.indexOf(session.lesson) + 1];
  return (
    <div class="lesson-end" tabIndex={-1}>
      <p>{text.end}</p>
      <p>
        <a href="#/learn/summary">{text.summary}</a>
      </p>
      {next !== undefined && (
        <p>
          <a href={link("learn", next.id)}>{text.next(next.words.value.title)}</a>
        </p>
      )}
    </div>
  );
}
