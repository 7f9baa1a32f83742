import "./problem.css";
import type { Problem } from "../../../schemas/problem.ts";
import { ServiceError } from "../../client/service.ts";
import { messages } from "../messages.ts";
import { Icon } from "./icon.tsx";

/** What the server said no with, or why it could not be asked. */
export function ProblemNote({ error }: { error: unknown }) {
  const { title, detail, hint } = problemOf(error);
  return (
    <div class="problem" role="alert">
      <Icon name="error" />
      <div>
        <p class="problem-title">{title}</p>
        {detail !== undefined && detail !== title && <pre>{detail}</pre>}
        {hint !== undefined && <p>{hint}</p>}
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
