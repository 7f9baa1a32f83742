import type { BuildEvent } from "../../schemas/events.ts";
import { toBase64 } from "../streams/base64.ts";
import { sha256 } from "../streams/sha256.ts";
import { BuildProgress } from "./build-progress.ts";
import { hasStepEnded, type StepProgress } from "./step-progress.ts";

/** A step in BuildKit's `SolveStatus`. Times are RFC 3339. */
interface Vertex {
  digest: string;
  inputs?: string[];
  name: string;
  started?: string;
  completed?: string;
  cached?: boolean;
  error?: string;
}

/** BuildKit's viewers recognise cancelled vertices by the end of their error. */
const CANCELED = "context canceled";

/** Formats a build like BuildKit's `--progress=rawjson`: one `SolveStatus` per line, for existing viewers. */
export class RawJson {
  readonly #progress = new BuildProgress();
  readonly #began: number;

  /** @param began start of the build, in milliseconds since 1970 */
  constructor(began: number) {
    this.#began = began;
  }

  /** Adds an event and returns its line, or nothing. */
  add(event: BuildEvent): string {
    const changed = this.#progress.add(event);
    const status = { ...this.#changesOf(event, changed), ...this.#vertexes(event, changed) };
    return Object.keys(status).length === 0 ? "" : `${JSON.stringify(status)}\n`;
  }

  #changesOf(event: BuildEvent, [step]: readonly StepProgress[]): object {
    const timestamp = this.#at(this.#progress.time);
    switch (event.type) {
      case "step.progress": {
        const { message, current, total = 0 } = event;
        const started = this.#at(step?.transfers.get(message)?.started ?? this.#progress.time);
        const completed = current === total && { completed: timestamp };
        const vertex = digestOf(event.step);
        return { statuses: [{ id: message, vertex, current, total, timestamp, started, ...completed }] };
      }
      case "step.log":
        return { logs: [logOf(event.step, event.stream === "stdout" ? 1 : 2, event.text, timestamp)] };
      case "step.waiting":
        return { logs: [logOf(event.step, 2, `${event.message}\n`, timestamp)] };
      case "warning": {
        const { rule, message, url, file, line, endLine = line } = event;
        const [short, detail] = [base64(`${rule}: ${message} (line ${line})`), [base64(message)]];
        const range = [{ start: { line }, end: { line: endLine } }];
        const place = { sourceInfo: { filename: file }, range };
        return { warnings: [{ level: 1, short, detail, ...(url !== undefined && { url }), ...place }] };
      }
      default:
        return {};
    }
  }

  #vertexes(event: BuildEvent, changed: readonly StepProgress[]): { vertexes?: Vertex[] } {
    switch (event.type) {
      case "plan": {
        const steps = event.steps.flatMap(({ id }) => this.#progress.steps.get(id) ?? []);
        return { vertexes: [...steps, ...changed].map((step) => this.#vertexOf(step)) };
      }
      case "step.progress":
      case "step.log":
      case "step.stored":
        return {};
      case "error": {
        const vertexes = changed.map((step) => this.#vertexOf(step));
        if (changed.some(({ state }) => state === "failed")) return { vertexes };
        // No step failed.
        const at = this.#at(this.#progress.time);
        const error = event.problem.title;
        const build = { digest: digestOf("build"), name: "build", started: at, completed: at, error };
        return { vertexes: [...vertexes, build] };
      }
      default:
        return changed.length === 0 ? {} : { vertexes: changed.map((step) => this.#vertexOf(step)) };
    }
  }

  #vertexOf(step: StepProgress): Vertex {
    const { info, state, started, problem } = step;
    const { id, name, inputs = [] } = info;
    const error = state === "failed" ? (problem?.title ?? "") : CANCELED;
    return {
      digest: digestOf(id),
      ...(inputs.length > 0 && { inputs: inputs.map(digestOf) }),
      name,
      ...(started !== undefined && { started: this.#at(started) }),
      ...(started !== undefined && hasStepEnded(step) && { completed: this.#at(this.#progress.time) }),
      ...(state === "cached" && { cached: true }),
      ...((state === "failed" || state === "cancelled") && { error }),
    };
  }

  #at(time: number): string {
    return new Date(this.#began + time).toISOString();
  }
}

function logOf(step: string, stream: number, text: string, timestamp: string): object {
  return { vertex: digestOf(step), stream, data: base64(text), timestamp };
}

/** BuildKit identifies vertices by digests. */
function digestOf(id: string): string {
  return sha256(id);
}

function base64(text: string): string {
  return toBase64(new TextEncoder().encode(text));
}
