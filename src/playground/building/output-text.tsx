import "./log-view.css";
import Anser, { type AnserJsonEntry } from "anser";
import { trimEnd } from "../../streams/trim-end.ts";
import { escapeInvisible } from "../ui/visible-text.ts";

/** Maximum number of characters of a line that are shown. */
const MAX_CHARACTERS = 4000;
/** Escape sequences other than colours (ECMA-48), such as cursor moves and window titles, which are dropped. */
const OTHER_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-9;?<=>]*[ -/]*[@-ln-~]|\x1b[()*+][A-Z0-9]|\x1b[=>78cDEHMNOZ]/g;

/** Shortens a very long line. */
export function clipLine(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)} …` : text;
}

/** Shows a line of process output with its colours. */
export function OutputText({ text }: { text: string }) {
  // A carriage return overwrites the line: only the text after the last one is visible.
  const last = trimEnd(clipLine(text), "\r").split("\r").at(-1) ?? "";
  const parts = Anser.ansiToJson(last.replace(OTHER_SEQUENCES, ""), {
    json: true,
    remove_empty: true,
    use_classes: true,
  });
  if (parts.length === 0) return <> </>;
  return (
    <>
      {parts.map((part, index) => (
        <span key={index} class={classOf(part)}>
          {escapeInvisible(part.content)}
        </span>
      ))}
    </>
  );
}

/**
 * Maps the 16 named terminal colours to classes. Drops other colours, which might be unreadable on the background.
 */
function classOf({ fg, bg, decorations }: AnserJsonEntry): string {
  const isNamed = (name: string | null) =>
    name !== null && /^ansi-(bright-)?[a-z]+$/.test(name) && name !== "ansi-truecolor";
  return [
    isNamed(fg) && `log-${fg}`,
    bg !== null && "log-marked",
    ...decorations.map((decoration) => `log-${decoration}`),
  ]
    .filter(Boolean)
    .join(" ");
}
