import type { Signal } from "@preact/signals";
import type { InputHTMLAttributes } from "preact";

export function SearchField({ label, text }: { label: string; text: Signal<string> }) {
  return (
    <input
      class="text-input"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text.value}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
    />
  );
}

/** A field for code, which browsers do not correct or complete. */
export function CodeInput(attributes: InputHTMLAttributes<HTMLInputElement>) {
  return (
    <input
      class="text-input mono"
      spellcheck={false}
      autocomplete="off"
      autocapitalize="off"
      {...attributes}
    />
  );
}
