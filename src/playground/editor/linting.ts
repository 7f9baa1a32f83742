import { closeLintPanel, linter, type Diagnostic as Marked, openLintPanel } from "@codemirror/lint";
import type { EditorState, Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { lint } from "../../build/plan/lint.ts";
import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { messages } from "./messages.ts";
import { quickFixes } from "./quick-fixes.ts";

/** Milliseconds without a key before the text is checked. */
const DELAY = 250;

/** What decides about some of the rules. */
export interface LintSettings {
  ignore: string;
  target: string;
  buildArgs: Readonly<Record<string, string>>;
}

type Check = (text: string) => Promise<readonly Diagnostic[]>;

/** Checks the text with our own lint rules while it is written. @param onFound is told how many findings there are */
export function linting(settings: () => LintSettings, onFound: (count: number) => void): Extension {
  const check: Check = (text) => findingsOf(text, settings());
  return linter(
    async ({ state }) => {
      const text = state.doc.toString();
      const findings = await check(text);
      onFound(findings.length);
      return findings.map((finding) => marked(state, text, finding, check));
    },
    { delay: DELAY },
  );
}

/** Opens the list of findings and goes into it, or closes it. */
export function toggleFindings(view: EditorView): void {
  if (view.dom.querySelector(".cm-panel-lint") === null) openLintPanel(view);
  else closeLintPanel(view);
}

/** All that can be said about a Dockerfile without asking anybody. */
export async function findingsOf(text: string, settings: LintSettings): Promise<readonly Diagnostic[]> {
  const { ignore, target, buildArgs } = settings;
  return lint(text, { ignore: ignoreLines(ignore), buildArgs, target: target || undefined });
}

function ignoreLines(text: string): string[] {
  try {
    return readIgnoreFile(text);
  } catch {
    return [];
  }
}

function marked(state: EditorState, text: string, finding: Diagnostic, check: Check): Marked {
  const { code, severity, message, lines, column, url } = finding;
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
    source: code,
    message,
    renderMessage: () => rendered(finding, url),
    actions: quickFixes(text, finding).map(({ name }, index) => ({
      name,
      apply: (view, at) => void mend(view, at, code, index, check),
    })),
  };
}

/** The text may be another one since it was checked: what is to be changed in it is found anew. */
async function mend(view: EditorView, at: number, code: string, index: number, check: Check): Promise<void> {
  const { doc } = view.state;
  const text = doc.toString();
  const line = doc.lineAt(Math.min(at, doc.length)).number;
  const findings = await check(text);
  const finding = findings.find(({ code: other, lines }) => other === code && lines.start === line);
  const fix = finding && quickFixes(text, finding)[index];
  if (fix !== undefined && view.state.doc === doc) {
    view.dispatch({ changes: fix.edits, userEvent: "input.fix" });
  }
}

function rendered({ code, message }: Diagnostic, url: string | undefined): Node {
  const element = document.createElement("div");
  const explained = messages.value.rules[code as keyof typeof messages.value.rules];
  const text = document.createElement("p");
  text.textContent = explained || message;
  element.append(text);
  const rule = document.createElement(url?.startsWith("https://") ? "a" : "span");
  rule.className = "finding-rule";
  rule.textContent = code;
  if (rule instanceof HTMLAnchorElement && url !== undefined) {
    Object.assign(rule, { href: url, rel: "noreferrer", target: "_blank" });
  }
  element.append(rule);
  if (explained) {
    const original = document.createElement("p");
    original.lang = "en";
    original.className = "finding-original";
    original.textContent = message;
    element.append(original);
  }
  return element;
}
