import "./problem.css";
import type { Problem } from "../../../schemas/problem.ts";
import { ServiceError } from "../../client/service.ts";
import { messages } from "../messages.ts";
import { Icon } from "./icon.tsx";

/** What the server said no with, or why it could not be asked. */
export function ProblemNote({ error }: { error: unknown }) {
  const { title, hint, ...problem } = problemOf(error);
  // Details begin with the title, and go on with an excerpt.
  const detail = problem.detail?.startsWith(title)
    ? problem.detail.slice(title.length).trim()
    : problem.detail;
  return (
    <div class="problem" role="alert">
      <Icon name="error" />
      <div>
        <p class="problem-title">{title}</p>
        {detail && <pre>{detail}</pre>}
        {hint !== undefined && !title.includes(hint) && <p>{hint}</p>}
      </div>
    </div>
  );
}

function problemOf(error: unknown): Pick<Problem, "title" | "detail" | "hint"> {
  if (error instanceof ServiceError) return error.problem;
  if (typeof error === "object" && error !== null && "title" in error) return error as Problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: messages.value.unreachable, detail };
}
