import type { FileChange } from "../../../../schemas/images.ts";
import { messages } from "./messages.ts";

/** Signs in addition to the colours. */
const signs: Record<FileChange, string> = { added: "+", changed: "~", same: "=", removed: "−" };

/** How a layer or an image changes a file. */
export function FileSign({ change }: { change: FileChange }) {
  const words = messages.value.signs[change];
  return (
    <span class="file-sign" title={words}>
      <span aria-hidden="true">{signs[change]}</span>
      <span class="visually-hidden">{words}</span>
    </span>
  );
}
