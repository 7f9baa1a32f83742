import { signal } from "@preact/signals";

const announced = signal("");

/** Announces a text to screen readers. */
export function announce(text: string): void {
  // Screen readers announce the same text again only if it differs.
  announced.value = announced.peek() === text ? `${text}\u00a0` : text;
}

/** The live region for announcements. */
export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announced.value}
    </div>
  );
}
