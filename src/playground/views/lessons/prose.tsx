import { CodeText } from "../../ui/code-text.tsx";

/** A text with code between backticks. */
export function Prose({ text }: { text: string }) {
  return (
    <>
      {text.split("`").map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          <code key={index}>
            <CodeText text={part} />
          </code>
        ),
      )}
    </>
  );
}
