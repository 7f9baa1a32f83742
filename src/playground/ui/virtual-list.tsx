import "./virtual-list.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, HTMLAttributes, Ref } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface VirtualListProps {
  count: number;
  /** Height of a row in pixels. Default: the custom property `--row`. */
  rowHeight?: number;
  /** Index of a row to scroll to when it changes. */
  reveal?: number | undefined;
  /** Whether to scroll to new rows at the end, unless the user has scrolled up. */
  follow?: boolean;
  /** Renders a row, which must have the row height and a key. */
  row(index: number): ComponentChildren;
  /** Attributes of the scrolling element: role, label, listeners. */
  attributes?: HTMLAttributes<HTMLDivElement> & { ref?: Ref<HTMLDivElement> };
}

/** Number of rows that are rendered above and below the visible area. */
const MARGIN = 12;

/** A list that renders only the rows in the visible area. */
export function VirtualList({ count, rowHeight, reveal, follow = false, row, attributes }: VirtualListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useSignal({ top: 0, height: 600 });
  const follows = useRef(true);
  const height = rowHeight ?? defaultRowHeight();
  const measure = () => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop: top, clientHeight, scrollHeight } = element;
    follows.current = top + clientHeight >= scrollHeight - height;
    if (top !== view.peek().top || clientHeight !== view.peek().height) {
      view.value = { top, height: clientHeight };
    }
  };
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(scroller.current as Element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || reveal === undefined || reveal < 0) return;
    const top = reveal * height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + height - element.clientHeight;
    }
    measure();
  }, [reveal, height]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (follow && follows.current && element !== null) element.scrollTop = element.scrollHeight;
  }, [follow, count]);
  const { top, height: seen } = view.value;
  const first = Math.max(0, Math.min(count, Math.floor(top / height)) - MARGIN);
  const last = Math.min(count, Math.ceil((top + seen) / height) + MARGIN);
  const rows: ComponentChildren[] = [];
  for (let index = first; index < last; index++) rows.push(row(index));
  return (
    <div {...attributes} class="virtual-list" ref={scroller} onScroll={measure}>
      <div class="virtual-list-all" role="presentation" style={{ height: `${count * height}px` }}>
        <div role="presentation" style={{ transform: `translateY(${first * height}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}

/** Returns the custom property `--row` in pixels. It is larger for touch input. */
function defaultRowHeight(): number {
  return matchMedia("(pointer: coarse)").matches ? 36 : 28;
}
