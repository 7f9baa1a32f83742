import "./code-text.css";

/** Code that wraps between words, never at hyphens. */
export function CodeText({ text }: { text: string }) {
  return (
    <>
      {text.split(/(\s+)/).map((part, index) =>
        index % 2 === 0 && part !== "" ? (
          <span key={index} class="code-word">
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </>
  );
}

/** Lines of code for a `pre`. */
export function CodeLines({ lines }: { lines: readonly string[] }) {
  return (
    <>
      {lines.map((line, index) => (
        <span key={index} class="code-line">
          <CodeText text={line} />
          {index < lines.length - 1 && "\n"}
        </span>
      ))}
    </>
  );
}
