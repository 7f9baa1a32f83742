import "./digest.css";
import { useSignal } from "@preact/signals";
import { messages } from "../messages.ts";
import { announce } from "./announce.tsx";
import { Button } from "./button.tsx";

/** The first 12 digits of a digest, with all of it in the tooltip. */
export function Digest({ value }: { value: string }) {
  const [, hex = value] = /^[a-z0-9+._-]+:(.*)$/.exec(value) ?? [];
  return (
    <code class="digest" title={value}>
      {hex.slice(0, 12)}
    </code>
  );
}

/** A button that copies a text to the clipboard. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const words = messages.value;
  const copied = useSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(words.copied);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 1500);
  };
  return (
    <Button
      kind="quiet"
      icon={copied.value ? "check" : "copy"}
      label={label ?? words.copy}
      onClick={() => void copy()}
    />
  );
}

/** A shell command with a button to copy it. */
export function CopyableCommand({ command, label }: { command: string; label: string }) {
  return (
    <div class="command-line">
      <input readOnly aria-label={label} value={command} size={command.length} />
      <CopyButton text={command} />
    </div>
  );
}
