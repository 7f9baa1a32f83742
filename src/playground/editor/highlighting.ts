import { RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { TokenKind } from "./token-kind.ts";
import { tokenize } from "./tokens.ts";

const marks = new Map<TokenKind, Decoration>();

function markOf(kind: TokenKind): Decoration {
  let mark = marks.get(kind);
  if (mark === undefined) {
    mark = Decoration.mark({ class: `token-${kind}` });
    marks.set(kind, mark);
  }
  return mark;
}

/** Highlights the tokens of a Dockerfile. */
export const highlighting = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = decorate(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Decorates the visible lines. Tokenizes the whole text, because a line depends on earlier ones. */
function decorate(view: EditorView): DecorationSet {
  const { from: top, to: bottom } = view.viewport;
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to, kind } of tokenize(view.state.doc.toString()).tokens) {
    if (to >= top && from <= bottom) builder.add(from, to, markOf(kind));
  }
  return builder.finish();
}

export const highlightingTheme = EditorView.baseTheme({
  ".token-keyword": { color: "var(--code-keyword)", fontWeight: "600" },
  ".token-unknown": { color: "var(--bad)" },
  ".token-flag": { color: "var(--code-flag)" },
  ".token-string": { color: "var(--code-string)" },
  ".token-body": { color: "var(--code-string)" },
  ".token-variable": { color: "var(--code-variable)" },
  ".token-comment": { color: "var(--code-comment)" },
  ".token-directive": { color: "var(--code-flag)" },
  ".token-heredoc": { color: "var(--code-flag)" },
  ".token-escape": { color: "var(--code-comment)" },
  ".token-name": { color: "var(--code-variable)" },
});
