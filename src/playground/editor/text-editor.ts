import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { locale } from "../i18n/locale.ts";
import { koreanPhrases } from "./phrases.ts";
import { editorTheme } from "./theme.ts";

interface TextEditorOptions {
  text: string;
  label: string;
  /** Extensions for the file type. */
  extensions: Extension;
  onChange(text: string): void;
}

/**
 * Creates an editor in a shadow tree, because CodeMirror then uses constructable style sheets. The content security
 * policy forbids style elements.
 */
export function createTextEditor(host: HTMLElement, options: TextEditorOptions): EditorView {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  return new EditorView({ parent: root, root, state: stateOf(options) });
}

function stateOf({ text, label, extensions, onChange }: TextEditorOptions): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      extensions,
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      history(),
      drawSelection(),
      closeBrackets(),
      search({ top: true }),
      // Tab is not bound, so that it moves the focus as in other controls.
      keymap.of([
        ...closeBracketsKeymap,
        ...completionKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...defaultKeymap,
      ]),
      EditorState.tabSize.of(4),
      EditorState.phrases.of(locale.peek() === "ko" ? koreanPhrases : {}),
      EditorView.contentAttributes.of({
        "aria-label": label,
        autocapitalize: "off",
        spellcheck: "false",
        tabindex: "0",
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
      editorTheme,
    ],
  });
}
