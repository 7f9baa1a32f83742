import "./log-view.css";
import Anser, { type AnserJsonEntry } from "anser";
import { trimEnd } from "../../streams/trim-end.ts";
import { visible } from "../ui/visible-text.ts";

/** Characters of a line that are shown. */
const LONGEST = 4000;
/** Sequences that move the cursor, name windows and the like (ECMA-48): the page is no terminal. */
const MOVES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-9;?<=>]*[ -/]*[@-ln-~]|\x1b[()*+][A-Z0-9]|\x1b[=>78cDEHMNOZ]/g;

/** A line as it is shown: the rest of a very long one is left out. */
export function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

/** A line of the output of a process, in its colours. Nothing in it becomes markup. */
export function OutputText({ text }: { text: string }) {
  // A process that overwrites its own line means the last text.
  const last = trimEnd(clipped(text), "\r").split("\r").at(-1) ?? "";
  const parts = Anser.ansiToJson(last.replace(MOVES, ""), {
    json: true,
    remove_empty: true,
    use_classes: true,
  });
  if (parts.length === 0) return <> </>;
  return (
    <>
      {parts.map((part, index) => (
        <span key={index} class={classOf(part)}>
          {visible(part.content)}
        </span>
      ))}
    </>
  );
}

/** The sixteen colours that terminals name; others would not be readable on every background. */
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
