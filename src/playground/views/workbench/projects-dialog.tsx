import "./projects-dialog.css";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { exampleIds } from "../../examples/example-ids.ts";
import { exampleTexts } from "../../examples/texts.ts";
import { formatTime } from "../../i18n/format.ts";
import { lessonOfProject } from "../../lessons/linked-project.ts";
import { messages as common } from "../../messages.ts";
import { projectId, projectName } from "../../project/project.ts";
import {
  deleteProject,
  openEmptyProject,
  openExampleProject,
  openStored,
  projects,
  renameProject,
  type StoredProject,
} from "../../project/projects.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";

/** A button with the name of the open project. It opens the list of projects and examples. */
export function ProjectButton() {
  const text = messages.value.projects;
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  // A lesson cannot switch to another project.
  if (lessonOfProject(projectId.value) !== undefined) return null;
  return (
    <>
      <button
        type="button"
        class="button button-quiet project-name"
        aria-haspopup="dialog"
        title={text.open}
        onClick={() => dialog.current?.showModal()}
      >
        <span class="visually-hidden">{text.current} </span>
        <span class="project-name-text">{escapeInvisible(projectName.value)}</span>
        <Icon name="chevron" />
      </button>
      <dialog ref={dialog} class="projects-dialog" aria-label={text.title}>
        <div class="projects-head">
          <h2>{text.title}</h2>
          <Button kind="quiet" icon="close" label={common.value.close} onClick={close} />
        </div>
        <ul class="projects-list">
          {projects.value.map((project) => (
            <Project key={project.id} project={project} onClose={close} />
          ))}
        </ul>
        {projects.value.length === 0 && <p class="soft">{text.none}</p>}
        <p>
          <Button icon="plus" onClick={() => void openEmptyProject(text.newName).then(close)}>
            {text.create}
          </Button>
        </p>
        <h3>{text.examples}</h3>
        <Examples onOpen={close} />
      </dialog>
    </>
  );
}

/** A stored project, with actions to open, rename and delete it. */
function Project({ project: { id, name, changed }, onClose }: { project: StoredProject; onClose(): void }) {
  const text = messages.value.projects;
  const isRenaming = useSignal(false);
  const rename = (event: { currentTarget: HTMLInputElement }) => {
    const written = event.currentTarget.value.trim();
    isRenaming.value = false;
    if (written !== "" && written !== name) renameProject(id, written);
  };
  const remove = () => {
    if (!confirm(text.deleteQuestion(escapeInvisible(name)))) return;
    deleteProject(id);
    announce(text.deleted(escapeInvisible(name)));
  };
  const isOpen = projectId.value === id;
  return (
    <li class={isOpen ? "project-open" : ""}>
      {isRenaming.value ? (
        <input
          class="text-input"
          aria-label={text.renameTo(escapeInvisible(name))}
          defaultValue={name}
          ref={(input) => input?.select()}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === "Enter") rename(event);
          }}
        />
      ) : (
        <button
          type="button"
          class="project-choice"
          aria-current={isOpen ? "true" : undefined}
          onClick={() => void (isOpen ? Promise.resolve() : openStored(id)).then(onClose)}
        >
          <span class="project-choice-name">{escapeInvisible(name)}</span>
          <span class="soft number">{formatTime(new Date(changed).toISOString())}</span>
        </button>
      )}
      <Button
        kind="quiet"
        icon="edit"
        label={text.rename(escapeInvisible(name))}
        onClick={() => {
          isRenaming.value = true;
        }}
      />
      <Button kind="quiet" icon="trash" label={text.delete(escapeInvisible(name))} onClick={remove} />
    </li>
  );
}

/** The examples with a description of each. */
export function Examples({ onOpen }: { onOpen(): void }) {
  const texts = exampleTexts.value;
  return (
    <ul class="examples">
      {exampleIds.map((id) => (
        <li key={id}>
          <button
            type="button"
            class="example"
            title={texts[id].about}
            onClick={() => void openExampleProject(id).then(onOpen)}
          >
            <span class="example-title">{texts[id].title}</span>
            <span class="example-about soft">{texts[id].about}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
