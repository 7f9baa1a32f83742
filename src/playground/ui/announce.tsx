import { signal } from "@preact/signals";

const announced = signal("");

/** Has a screen reader say something that others see happen. */
export function announce(text: string): void {
  // The same text again would not be said.
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
