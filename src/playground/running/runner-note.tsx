import "./runner-note.css";
import { CopyableCommand } from "../ui/digest.tsx";
import { Icon } from "../ui/icon.tsx";
import { messages } from "./messages.ts";

interface RunnerNoteProps {
  /** What cannot be done without a runner. */
  problem: string;
  /** The server's reason, in English. */
  detail: string | undefined;
  /** Whether the user has to start a runner. */
  isStartNeeded: boolean;
}

/** Reports that no runner is available, and how to connect one. */
export function RunnerNote({ problem, detail, isStartNeeded }: RunnerNoteProps) {
  const { runnerHow } = messages.value;
  return (
    <div class="runner-note" role="status">
      <Icon name="warning" />
      <div>
        <p>{problem}</p>
        {detail !== undefined && <p lang="en">{detail}</p>}
        {isStartNeeded && (
          <>
            <p>{runnerHow}</p>
            <CopyableCommand
              label={runnerHow}
              command={`npm run varve -- runner --server ${location.origin}`}
            />
          </>
        )}
      </div>
    </div>
  );
}
