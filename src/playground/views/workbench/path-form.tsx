import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { messages as common } from "../../messages.ts";
import { Button } from "../../ui/button.tsx";
import { messages } from "./messages.ts";

interface PathFormProps {
  label: string;
  action: string;
  value: string;
  /** Returns why a path is rejected; undefined for a valid path. */
  check(path: string): keyof typeof messages.value.pathFaults | undefined;
  /** Called with the path, or with undefined when the user cancels. */
  onDone(path: string | undefined): void;
}

/** A form for the path of a file. */
export function PathForm({ label, action, value, check, onDone }: PathFormProps) {
  const text = messages.value;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const fault = useSignal<string | undefined>(undefined);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const submit = (event: Event) => {
    event.preventDefault();
    const path = input.current?.value.trim().replace(/^(\.?\/)+/, "") ?? "";
    if (path === value && value !== "") {
      onDone(undefined);
      return;
    }
    const found = check(path);
    if (found === undefined) onDone(path);
    else fault.value = text.pathFaults[found];
  };
  return (
    <form
      class="path-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone(undefined);
      }}
    >
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        class="text-input mono"
        defaultValue={value}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault.value !== undefined}
        aria-describedby={fault.value === undefined ? undefined : `${id}-fault`}
      />
      <Button type="submit">{action}</Button>
      <Button kind="quiet" icon="close" label={common.value.cancel} onClick={() => onDone(undefined)} />
      {fault.value !== undefined && (
        <p class="path-form-fault" id={`${id}-fault`} role="alert">
          {fault.value}
        </p>
      )}
    </form>
  );
}
