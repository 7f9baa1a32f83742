import "./splitter.css";
import { useRef } from "preact/hooks";

/** Number of pixels by which an arrow key moves the splitter. */
const KEY_STEP = 16;

interface SplitterProps {
  /** Accessible name. */
  label: string;
  /** Width of the pane in CSS pixels; 0 for a collapsed pane. */
  width: number;
  min: number;
  max: number;
  /** Whether the pane is before the splitter or after it. */
  side: "before" | "after";
  onResize(width: number): void;
  /** Called to reset the pane to its default width. */
  onReset(): void;
}

/** Resizes a pane (WAI-ARIA window splitter pattern) by dragging or with the arrow keys. Enter collapses or expands it. */
export function Splitter({ label, width, min, max, side, onResize, onReset }: SplitterProps) {
  const before = useRef(width);
  const grip = useRef<{ x: number; width: number } | undefined>(undefined);
  const direction = side === "before" ? 1 : -1;
  const resize = (wanted: number) => {
    // A width below half of the minimum collapses the pane.
    onResize(wanted < min / 2 ? 0 : Math.max(min, Math.min(max, Math.round(wanted))));
  };
  const toggle = () => {
    if (width > 0) before.current = width;
    if (width > 0) onResize(0);
    else if (before.current > 0) resize(before.current);
    else onReset();
  };
  const press = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowLeft: () => resize(width - direction * KEY_STEP),
      ArrowRight: () => resize(width === 0 && direction === 1 ? min : width + direction * KEY_STEP),
      Home: () => resize(min),
      End: () => resize(max),
      Enter: toggle,
    };
    if (width === 0 && direction === -1) moves.ArrowLeft = () => resize(min);
    const move = moves[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: this separator has a value, which an hr cannot have.
    <div
      class={`splitter${width === 0 ? " splitter-collapsed" : ""}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={0}
      aria-valuemax={max}
      tabIndex={0}
      title={label}
      onKeyDown={press}
      onDblClick={onReset}
      onPointerDown={(event) => {
        grip.current = { x: event.clientX, width };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const { current } = grip;
        if (current !== undefined) resize(current.width + direction * (event.clientX - current.x));
      }}
      onPointerUp={() => {
        grip.current = undefined;
      }}
      onPointerCancel={() => {
        grip.current = undefined;
      }}
    />
  );
}
