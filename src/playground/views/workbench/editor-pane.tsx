import "./editor-pane.css";
import type { EditorView } from "@codemirror/view";
import { type Signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { retryUntilLoaded } from "../../browser/with-retries.ts";
import type { EditorFinding, LintSettings } from "../../editor/linting.ts";
import { messages as editorMessages } from "../../editor/messages.ts";
import { formatBytes } from "../../i18n/format.ts";
import { messages as frameMessages } from "../../messages.ts";
import { isExecutable } from "../../project/context.ts";
import {
  dockerfilePath,
  files,
  ignoreText,
  openPath,
  options,
  setExecutable,
  writeText,
} from "../../project/project.ts";
import { MAX_TEXT, type ProjectFile, readText } from "../../project/project-file.ts";
import { Button } from "../../ui/button.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { FindingsList } from "./findings-list.tsx";
import { messages } from "./messages.ts";
import { serverProblem, timeLineMarks } from "./shown-steps.ts";

function lintSettings(): LintSettings {
  return { ...options.peek(), ignore: ignoreText.peek(), problem: serverProblem.peek() };
}

interface EditorPaneProps {
  chosenLine: Signal<number | undefined>;
  /** Called with the line of an instruction whose mark the user clicked. */
  onChooseLine(line: number): void;
}

/** The editor for the open file. */
export function EditorPane(props: EditorPaneProps) {
  const text = messages.value;
  const path = openPath.value;
  const file = files.value.get(path);
  return (
    <>
      <div class="pane-head">
        <h2 class="mono" title={escapeInvisible(path)}>
          {escapeInvisible(path)}
        </h2>
        {file !== undefined && <span class="soft number">{formatBytes(file.size)}</span>}
        {file !== undefined && path !== dockerfilePath.value && (
          <label class="check" title={text.modes}>
            <input
              type="checkbox"
              checked={isExecutable(file)}
              onChange={(event) => setExecutable(path, event.currentTarget.checked)}
            />
            {text.makeExecutable}
          </label>
        )}
      </div>
      {file === undefined ? (
        <MissingFile path={path} />
      ) : (
        <FileEditor key={path} {...props} path={path} file={file} />
      )}
    </>
  );
}

function MissingFile({ path }: { path: string }) {
  const text = messages.value;
  if (path !== dockerfilePath.value) return <p class="editor-note soft">{text.gone}</p>;
  return (
    <div class="editor-note">
      <p>{text.missing}</p>
      <Button onClick={() => writeText(path, "FROM scratch\nCOPY . /\n")}>{text.makeDockerfile}</Button>
    </div>
  );
}

/** The editor for one path. Reads the file whenever its contents differ from those in the editor. */
function FileEditor({ path, file, ...props }: EditorPaneProps & { path: string; file: ProjectFile }) {
  const text = messages.value;
  const read = useSignal<{ text: string | undefined } | undefined>(undefined);
  /** The contents that the editor last read or wrote. */
  const shown = useRef<unknown>(undefined);
  useEffect(() => {
    const { contents } = file;
    if (shown.current === contents) return;
    void readText(file).then((found) => {
      // The file changed during the read: the new contents are read next, or are from the editor.
      if (files.peek().get(path)?.contents !== contents) return;
      shown.current = contents;
      read.value = { text: found };
    });
  }, [file.contents]);
  const write = (changed: string) => {
    shown.current = writeText(path, changed).contents;
  };
  const known = read.value;
  if (known === undefined) return <div class="editor-host" />;
  if (known.text === undefined) {
    const isLarge = file.size > MAX_TEXT;
    return (
      <p class="editor-note soft">{isLarge ? text.tooLarge(file.size, MAX_TEXT) : text.binary(file.size)}</p>
    );
  }
  return <TextEditor path={path} read={known} text={known.text} onWrite={write} {...props} />;
}

interface TextEditorProps extends EditorPaneProps {
  path: string;
  /** A new object each time the file was changed outside the editor. */
  read: unknown;
  text: string;
  onWrite(text: string): void;
}

function TextEditor({ path, read, text, onWrite, chosenLine, onChooseLine }: TextEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useSignal<EditorView | undefined>(undefined);
  const findings = useSignal<readonly EditorFinding[]>([]);
  const isListOpen = useSignal(false);
  const isFailed = useSignal(false);
  const toggleFindings = () => {
    isListOpen.value = !isListOpen.peek();
  };
  const latest = useRef({ read, text, onWrite, onChooseLine });
  const { current } = latest;
  // Text that was read replaces typed text only after a new read.
  if (current.read !== read) Object.assign(current, { read, text });
  Object.assign(current, { onWrite, onChooseLine });
  const isDockerfile = path === dockerfilePath.value;
  const label = editorMessages.value.label(escapeInvisible(path));
  useEffect(() => {
    const aborter = new AbortController();
    let made: EditorView | undefined;
    const load = async () => {
      const [{ createTextEditor }, parts] = await Promise.all([
        import("../../editor/text-editor.ts"),
        isDockerfile ? import("../../editor/dockerfile-extensions.ts") : undefined,
      ]);
      const extensions = parts?.dockerfileExtensions({
        lintSettings,
        onChoose: (line) => latest.current.onChooseLine(line),
        onFound: (found) => {
          findings.value = found;
        },
        onList: toggleFindings,
      });
      return { createTextEditor, extensions: extensions ?? [] };
    };
    const onFailure = () => {
      isFailed.value = true;
    };
    void retryUntilLoaded(load, aborter.signal, onFailure).then((parts) => {
      if (parts === undefined || host.current === null) return;
      const { createTextEditor, extensions } = parts;
      isFailed.value = false;
      made = createTextEditor(host.current, {
        text: latest.current.text,
        label,
        extensions,
        onChange: (changed) => {
          // The change came from outside of the editor.
          if (changed === latest.current.text) return;
          latest.current.text = changed;
          latest.current.onWrite(changed);
        },
      });
      view.value = made;
    });
    return () => {
      aborter.abort();
      made?.destroy();
      view.value = undefined;
    };
  }, [isDockerfile, label]);
  useEffect(() => {
    const editor = view.peek();
    const written = editor?.state.doc.toString();
    if (editor === undefined || written === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [read]);
  const shown = useComputed(() => (isDockerfile ? timeLineMarks(chosenLine.value) : undefined));
  useSignalEffect(() => {
    const editor = view.value;
    const known = shown.value;
    if (editor === undefined || known === undefined) return;
    void import("../../editor/time-line.ts").then(({ showMarks }) => {
      if (view.peek() === editor) showMarks(editor, known);
    });
  });
  useSignalEffect(() => {
    void serverProblem.value;
    if (isDockerfile) withEditor((editor, { checkAgain }) => checkAgain(editor));
  });
  /** Runs a function with the editor and the lint module. */
  const withEditor = (
    work: (editor: EditorView, parts: typeof import("../../editor/linting.ts")) => void,
  ) => {
    const editor = view.peek();
    if (editor !== undefined) void import("../../editor/linting.ts").then((parts) => work(editor, parts));
  };
  const applyFix = ({ diagnostic }: EditorFinding, fix: number) =>
    withEditor((editor, { applyQuickFix }) => {
      void applyQuickFix(editor, lintSettings(), {
        code: diagnostic.code,
        line: diagnostic.lines.start,
        fix,
      });
    });
  return (
    <>
      {isFailed.value && (
        <p class="editor-note" role="alert">
          {frameMessages.value.failed}
        </p>
      )}
      <div class="editor-host" ref={host}>
        {view.value === undefined && <pre class="editor-waiting">{text}</pre>}
      </div>
      {findings.value.length > 0 && (
        <>
          <div class="editor-foot">
            <Button kind="quiet" icon="warning" expanded={isListOpen.value} onClick={toggleFindings}>
              {messages.value.findings(findings.value.length)}
            </Button>
          </div>
          {isListOpen.value && (
            <FindingsList
              findings={findings.value}
              onGoTo={(line) => withEditor((editor, { goToLine }) => goToLine(editor, line))}
              onFix={applyFix}
            />
          )}
        </>
      )}
    </>
  );
}
