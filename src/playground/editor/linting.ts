import { linter, type Diagnostic as Marked } from "@codemirror/lint";
import type { EditorState, Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { lint } from "../../engine/plan/lint.ts";
import { messages } from "./messages.ts";
import { type QuickFix, quickFixes } from "./quick-fixes.ts";

/** Milliseconds without a key before the text is checked. */
const DELAY = 250;

/** What decides about some of the rules. */
export interface LintSettings {
  ignore: string;
  target: string;
  buildArgs: Readonly<Record<string, string>>;
}

/** A finding about the text as it was checked last. */
export interface Finding {
  diagnostic: Diagnostic;
  /** What the rule asks for, in the language of the page. */
  text: string;
  /** What the rule says itself, where that is something else. */
  original: string | undefined;
  fixes: readonly QuickFix[];
}

/** Checks the text with our own lint rules while it is written. @param onFound is told what was found */
export function linting(
  settings: () => LintSettings,
  onFound: (findings: readonly Finding[]) => void,
): Extension {
  return linter(
    async ({ state }) => {
      const findings = await findingsIn(state.doc.toString(), settings());
      onFound(findings);
      return findings.map((finding) => marked(state, finding, settings));
    },
    { delay: DELAY },
  );
}

/** All that can be said about a Dockerfile without asking anybody. */
async function findingsIn(text: string, settings: LintSettings): Promise<Finding[]> {
  const { ignore, target, buildArgs } = settings;
  const found = await lint(text, { ignore: ignoreLines(ignore), buildArgs, target: target || undefined });
  const { rules } = messages.value;
  return found.map((diagnostic) => {
    const { code, message } = diagnostic;
    const explained = code in rules ? rules[code as keyof typeof rules] : "";
    return {
      diagnostic,
      text: explained || message,
      original: explained ? message : undefined,
      fixes: quickFixes(text, diagnostic),
    };
  });
}

function ignoreLines(text: string): string[] {
  try {
    return readIgnoreFile(text);
  } catch {
    return [];
  }
}

/** Carries out a quick fix. The text may be another one since it was checked: what is to be changed is found anew. */
export async function mend(
  view: EditorView,
  settings: LintSettings,
  { code, line, fix }: { code: string; line: number; fix: number },
): Promise<void> {
  const { doc } = view.state;
  const findings = await findingsIn(doc.toString(), settings);
  const finding = findings.find(
    ({ diagnostic }) => diagnostic.code === code && diagnostic.lines.start === line,
  );
  const edits = finding?.fixes[fix]?.edits;
  if (edits !== undefined && view.state.doc === doc) {
    view.dispatch({ changes: edits, userEvent: "input.fix" });
  }
}

/** Puts the cursor at the beginning of a line. */
export function goToLine(view: EditorView, line: number): void {
  const { from } = view.state.doc.line(Math.max(1, Math.min(view.state.doc.lines, line)));
  view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
  view.focus();
}

function marked(state: EditorState, finding: Finding, settings: () => LintSettings): Marked {
  const { code, severity, message, lines, column } = finding.diagnostic;
  const { doc } = state;
  const first = doc.line(Math.max(1, Math.min(doc.lines, lines.start)));
  const last = doc.line(Math.max(1, Math.min(doc.lines, lines.end)));
  const indent = /^\s*/.exec(first.text)?.[0].length ?? 0;
  const from = first.from + (column === undefined ? indent : Math.min(first.length, column - 1));
  const word = column === undefined ? undefined : /^\S+/.exec(doc.sliceString(from, first.to))?.[0];
  return {
    from,
    to: word === undefined ? Math.max(from, last.to) : from + word.length,
    severity,
    message,
    renderMessage: () => rendered(finding),
    actions: finding.fixes.map(({ name }, fix) => ({
      name,
      apply: (view, at) => {
        const line = view.state.doc.lineAt(Math.min(at, view.state.doc.length)).number;
        void mend(view, settings(), { code, line, fix });
      },
    })),
  };
}

function rendered({ diagnostic, text, original }: Finding): Node {
  const element = document.createElement("div");
  element.append(paragraph(text, ""), paragraph(diagnostic.code, "finding-rule"));
  if (original !== undefined) element.append(paragraph(original, "finding-original"));
  return element;
}

function paragraph(text: string, name: string): HTMLElement {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  return element;
}
