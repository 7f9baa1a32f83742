import { linter, type Diagnostic as Marked } from "@codemirror/lint";
import { type EditorState, type Extension, StateEffect } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Problem } from "../../../schemas/problem.ts";
import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { lintSource } from "../../engine/plan/lint.ts";
import { translateProblem } from "../translate-problem.ts";
import { textElement } from "./elements.ts";
import { messages } from "./messages.ts";
import { type QuickFix, quickFixes } from "./quick-fixes.ts";

/** Milliseconds between the last key press and the check. */
const DELAY_MS = 250;

/** The inputs of a check besides the text. */
export interface LintSettings {
  ignore: string;
  target: string;
  buildArgs: Readonly<Record<string, string>>;
  /** The reason why the server cannot build this text, for example a COPY source that is not in the context. */
  problem?: Problem | undefined;
}

const recheck = StateEffect.define<null>();

/** Checks the text again after the settings changed. */
export function checkAgain(view: EditorView): void {
  view.dispatch({ effects: recheck.of(null) });
}

/** A finding of the last check. */
export interface EditorFinding {
  diagnostic: Diagnostic;
  /** The message, in the language of the page. */
  text: string;
  /** The original English message, when `text` is a translation. */
  original: string | undefined;
  fixes: readonly QuickFix[];
}

/**
 * Checks the text with the lint rules of the engine while the user types.
 * @param onFound called with the findings of each check
 */
export function linting(
  settings: () => LintSettings,
  onFound: (findings: readonly EditorFinding[]) => void,
): Extension {
  return linter(
    async ({ state }) => {
      const findings = await check(state.doc.toString(), settings());
      onFound(findings);
      return findings.map((finding) => toMark(state, finding, settings));
    },
    {
      delay: DELAY_MS,
      needsRefresh: ({ transactions }) =>
        transactions.some(({ effects }) => effects.some((effect) => effect.is(recheck))),
    },
  );
}

/** Returns the findings of the lint rules, and the server's errors in lines where the rules found none. */
async function check(text: string, settings: LintSettings): Promise<EditorFinding[]> {
  const { ignore, target, buildArgs, problem } = settings;
  const found = await lintSource(text, {
    ignore: ignoreLines(ignore),
    buildArgs,
    target: target || undefined,
  });
  const errors = new Set(found.flatMap(({ severity, lines }) => (severity === "error" ? [lines.start] : [])));
  const reported = diagnosticsOf(problem).filter(({ lines }) => !errors.has(lines.start));
  const { rules } = messages.value;
  return [...found, ...reported].map((diagnostic) => {
    const { code, message } = diagnostic;
    const explained = code in rules ? rules[code as keyof typeof rules] : "";
    const words = explained
      ? { text: explained, original: message }
      : translateProblem(code.includes("/") ? `dockerfile/${code}` : code, message);
    return { diagnostic, ...words, fixes: quickFixes(text, diagnostic) };
  });
}

function diagnosticsOf(problem: Problem | undefined): Diagnostic[] {
  return (problem?.errors ?? []).map(({ line, endLine, column }) => ({
    code: problem?.code.replace(/^dockerfile\//, "") ?? "",
    severity: "error",
    message: problem?.title ?? "",
    lines: { start: line, end: endLine ?? line },
    ...(column !== undefined && { column }),
    ...(problem?.hint !== undefined && { help: problem.hint }),
  }));
}

function ignoreLines(text: string): string[] {
  try {
    return readIgnoreFile(text);
  } catch {
    return [];
  }
}

/** Applies a quick fix. Computes its edits again, because the text can have changed since the check. */
export async function applyQuickFix(
  view: EditorView,
  settings: LintSettings,
  { code, line, fix }: { code: string; line: number; fix: number },
): Promise<void> {
  const { doc } = view.state;
  const findings = await check(doc.toString(), settings);
  const finding = findings.find(
    ({ diagnostic }) => diagnostic.code === code && diagnostic.lines.start === line,
  );
  const edits = finding?.fixes[fix]?.edits;
  if (edits !== undefined && view.state.doc === doc) {
    view.dispatch({ changes: edits, userEvent: "input.fix" });
  }
}

/** Moves the cursor to the start of a line. */
export function goToLine(view: EditorView, line: number): void {
  const { from } = view.state.doc.line(Math.max(1, Math.min(view.state.doc.lines, line)));
  view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
  view.focus();
}

function toMark(state: EditorState, finding: EditorFinding, settings: () => LintSettings): Marked {
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
    renderMessage: () => renderFinding(finding),
    actions: finding.fixes.map(({ name }, fix) => ({
      name,
      apply: (view, at) => {
        const line = view.state.doc.lineAt(Math.min(at, view.state.doc.length)).number;
        void applyQuickFix(view, settings(), { code, line, fix });
      },
    })),
  };
}

function renderFinding({ diagnostic, text, original }: EditorFinding): Node {
  const element = document.createElement("div");
  element.append(textElement("p", text), textElement("p", diagnostic.code, "finding-rule"));
  if (original !== undefined) element.append(textElement("p", original, "finding-original"));
  return element;
}
