import "./problem.css";
import type { Problem } from "../../../schemas/problem.ts";
import { ServiceError } from "../../client/service.ts";
import { messages } from "../messages.ts";
import { translateProblem } from "../translate-problem.ts";
import { Icon } from "./icon.tsx";

/** Shows a problem of the server. Other errors mean that the server cannot be reached. */
export function ProblemNote({ error }: { error: unknown }) {
  const { code, title, hint, ...problem } = toProblem(error);
  const { text, original } = translateProblem(code, title);
  // Some details begin with the title.
  const detail = problem.detail?.startsWith(title)
    ? problem.detail.slice(title.length).trim()
    : problem.detail;
  return (
    <div class="problem" role="alert">
      <Icon name="error" />
      <div>
        <p class="problem-title">{text}</p>
        {original !== undefined && <p lang="en">{original}</p>}
        {detail && <pre lang="en">{detail}</pre>}
        {hint !== undefined && !title.includes(hint) && <p lang="en">{hint}</p>}
      </div>
    </div>
  );
}

function toProblem(error: unknown): Pick<Problem, "title" | "detail" | "hint"> & { code?: string } {
  if (error instanceof ServiceError) return error.problem;
  if (typeof error === "object" && error !== null && "title" in error) return error as Problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { title: messages.value.unreachable, detail };
}
