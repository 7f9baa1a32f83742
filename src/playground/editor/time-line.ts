import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { EditorView, GutterMarker, gutter } from "@codemirror/view";
import { textElement } from "./elements.ts";

/** The status of an instruction in the plan or in the last build. */
export interface TimeLineMark {
  /** 1-based line where the instruction begins. */
  line: number;
  status: "hit" | "miss" | "reused" | "running" | "waiting" | "failed" | "unneeded" | "unknown";
  /** The status in words. */
  label: string;
  /** For example `1.2 s`; empty when unknown. */
  time: string;
  bytes: string;
  /** Whether the step of this instruction is selected. */
  isChosen: boolean;
}

const signs: Record<TimeLineMark["status"], string> = {
  hit: "✓",
  miss: "▸",
  reused: "✓",
  running: "…",
  waiting: "…",
  failed: "✕",
  unneeded: "–",
  unknown: "?",
};

class Marker extends GutterMarker {
  readonly #mark: TimeLineMark;

  constructor(mark: TimeLineMark) {
    super();
    this.#mark = mark;
  }

  override eq(other: Marker): boolean {
    const { line: _, ...mine } = this.#mark;
    const { line: __, ...theirs } = other.#mark;
    return JSON.stringify(mine) === JSON.stringify(theirs);
  }

  override toDOM(): Node {
    const { status, label, time, bytes, isChosen } = this.#mark;
    const element = document.createElement("div");
    element.className = `time-line-mark time-line-${status}${isChosen ? " time-line-chosen" : ""}`;
    element.title = [label, time, bytes].filter(Boolean).join(" · ");
    element.append(
      textElement("span", signs[status], "time-line-sign"),
      textElement("span", `${signs[status]} ${label}`, "time-line-status"),
      textElement("span", time, "time-line-time"),
      textElement("span", bytes, "time-line-bytes"),
    );
    return element;
  }
}

const setMarks = StateEffect.define<readonly TimeLineMark[]>();

/** The current marks. Until the next plan arrives, they move with their lines. */
const markers = StateField.define<RangeSet<Marker>>({
  create: () => RangeSet.empty,
  update(before, { effects, changes, state }) {
    let set = before.map(changes);
    for (const effect of effects) {
      if (!effect.is(setMarks)) continue;
      const ranges = effect.value
        .filter(({ line }) => line >= 1 && line <= state.doc.lines)
        .map((mark) => new Marker(mark).range(state.doc.line(mark.line).from));
      set = RangeSet.of(ranges, true);
    }
    return set;
  },
});

/**
 * The gutter with the status and duration of each instruction.
 * @param onChoose called with the line of a mark that the user clicked
 */
export function timeLine(onChoose: (line: number) => void) {
  return [
    markers,
    gutter({
      class: "time-line",
      markers: (view) => view.state.field(markers),
      domEventHandlers: {
        click(view, block) {
          onChoose(view.state.doc.lineAt(block.from).number);
          return true;
        },
      },
    }),
    theme,
  ];
}

export function showMarks(view: EditorView, marks: readonly TimeLineMark[]): void {
  view.dispatch({ effects: setMarks.of(marks) });
}

const theme = EditorView.baseTheme({
  // The width is the same with and without marks, so that the text does not shift.
  ".time-line": { boxSizing: "border-box", width: "4.5rem" },
  ".time-line-mark": {
    display: "grid",
    gridTemplateColumns: "1rem 2.75rem",
    columnGap: "0.25rem",
    alignItems: "center",
    height: "100%",
    paddingInline: "0.25rem",
    fontFamily: "var(--sans)",
    fontSize: "var(--size-small)",
    whiteSpace: "nowrap",
    cursor: "pointer",
  },
  ".time-line-bytes, .time-line-time": {
    color: "var(--text-soft)",
    textAlign: "end",
    fontVariantNumeric: "tabular-nums",
  },
  ".time-line-sign": { textAlign: "center" },
  ".time-line-status, .time-line-bytes": { display: "none" },
  ".time-line-chosen": { boxShadow: "inset -2px 0 var(--accent)" },
  ".time-line-hit, .time-line-reused": { color: "var(--hit)" },
  ".time-line-miss": { color: "var(--miss)", background: "var(--miss-wash)" },
  ".time-line-running, .time-line-waiting": { color: "var(--accent)", background: "var(--accent-wash)" },
  ".time-line-failed": { color: "var(--bad)", background: "var(--bad-wash)" },
  ".time-line-unneeded, .time-line-unknown": { color: "var(--text-soft)" },
  "@container editor (width >= 56rem)": {
    ".time-line": { width: "13.5rem" },
    ".time-line-mark": { gridTemplateColumns: "5.5rem 3rem 3.5rem", paddingInline: "0.5rem" },
    ".time-line-sign": { display: "none" },
    ".time-line-status, .time-line-bytes": { display: "inline" },
  },
  "@container editor (width < 30rem)": {
    ".time-line": { width: "1.5rem" },
    ".time-line-mark": { gridTemplateColumns: "1rem" },
    ".time-line-time": { display: "none" },
  },
});
