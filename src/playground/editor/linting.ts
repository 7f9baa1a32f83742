import { linter, type Diagnostic as Marked } from "@codemirror/lint";
import type { EditorState, Extension } from "@codemirror/state";
import { lint } from "../../build/plan/lint.ts";
import type { Diagnostic } from "../../dockerfile/diagnostic.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { messages } from "./messages.ts";
import { quickFixes } from "./quick-fixes.ts";

/** Milliseconds without a key before the text is checked. */
const DELAY = 250;

/** Checks the text with our own lint rules while it is written. @param settings decide about some of them */
export function linting(
  settings: () => { ignore: string; target: string; buildArgs: Readonly<Record<string, string>> },
): Extension {
  return linter(
    async ({ state }) => {
      const text = state.doc.toString();
      return (await findingsOf(text, settings())).map((finding) => marked(state, text, finding));
    },
    { delay: DELAY },
  );
}

/** All that can be said about a Dockerfile without asking anybody. */
export async function findingsOf(
  text: string,
  {
    ignore,
    target,
    buildArgs,
  }: { ignore: string; target: string; buildArgs: Readonly<Record<string, string>> },
): Promise<readonly Diagnostic[]> {
  return lint(text, { ignore: ignoreLines(ignore), buildArgs, target: target || undefined });
}

function ignoreLines(text: string): string[] {
  try {
    return readIgnoreFile(text);
  } catch {
    return [];
  }
}

function marked(state: EditorState, text: string, finding: Diagnostic): Marked {
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
    actions: quickFixes(text, finding).map(({ name, edits }) => ({
      name,
      apply: (view) => view.dispatch({ changes: edits, userEvent: "input.fix" }),
    })),
  };
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
