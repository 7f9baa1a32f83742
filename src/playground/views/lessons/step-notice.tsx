import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { messages } from "./messages.ts";

/** Announces a completed step while the next step is outside of the visible area, for example on a narrow page. */
export function StepNotice({ panel, done }: { panel: RefObject<HTMLElement | null>; done: number }) {
  const isShown = useSignal(false);
  const before = useRef(done);
  const current = () => panel.current?.querySelector<HTMLElement>(".lesson-current, .lesson-end");
  useEffect(() => {
    const isAdvanced = done > before.current;
    before.current = done;
    // Observe the heading: the end of a long step can be visible without it.
    const target = current()?.firstElementChild;
    if (!isAdvanced || target == null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        isShown.value = entry?.isIntersecting === false;
        if (!isShown.value) observer.disconnect();
      },
      { rootMargin: "-48px 0px" },
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
      isShown.value = false;
    };
  }, [done]);
  if (!isShown.value) return null;
  return (
    <div class="lesson-notice">
      <Button
        icon="check"
        onClick={() => {
          panel.current?.querySelector(".lesson-latest")?.scrollIntoView({ block: "start" });
          current()?.focus({ preventScroll: true });
        }}
      >
        {messages.value.showNext(done)}
      </Button>
    </div>
  );
}
