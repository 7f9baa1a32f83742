import { signal } from "@preact/signals";

const announced = signal("");

/** Announces a visual change to screen readers. */
export function announce(text: string): void {
  // Screen readers ignore a text that does not change.
  announced.value = announced.peek() === text ? `${text}\u00a0` : text;
}

/** The live region of the page. */
export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announced.value}
    </div>
  );
}
