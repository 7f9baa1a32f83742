import type { BuildEvent, StepInfo } from "../../schemas/events.ts";
import { sha256 } from "../streams/sha256.ts";

/** A step in BuildKit's `SolveStatus`. Times are RFC 3339. */
interface Vertex {
  digest: string;
  name: string;
  started?: string;
  completed?: string;
  cached?: boolean;
  error?: string;
}

/** Renders a build's events as BuildKit's `--progress=rawjson`: one `SolveStatus` a line, which existing viewers read. */
export class RawProgress {
  readonly #began: number;
  readonly #vertices = new Map<string, Vertex>();

  /** @param began when the build was begun, in milliseconds since 1970 */
  constructor(began: number) {
    this.#began = began;
  }

  /** A line for one event, or nothing. */
  render(event: BuildEvent): string {
    const status = this.#statusOf(event);
    return status === undefined ? "" : `${JSON.stringify(status)}\n`;
  }

  #statusOf(event: BuildEvent): object | undefined {
    const at = new Date(this.#began + event.time).toISOString();
    switch (event.type) {
      case "plan":
        return { vertexes: event.steps.map((step) => this.#add(step)) };
      case "step.start":
        return { vertexes: [this.#change(event.step, { started: at })] };
      case "step.progress": {
        const { message, current, total = 0 } = event;
        return { statuses: [{ id: message, vertex: digestOf(event.step), current, total, timestamp: at }] };
      }
      case "step.log":
        return { logs: [this.#log(event.step, event.stream === "stdout" ? 1 : 2, event.text, at)] };
      case "step.waiting":
        return { logs: [this.#log(event.step, 2, `${event.message}\n`, at)] };
      case "step.cached":
        return { vertexes: [this.#change(event.step, { started: at, completed: at, cached: true })] };
      case "step.done":
        return { vertexes: [this.#change(event.step, { completed: at })] };
      case "warning": {
        const { rule, message, url, line, endLine = line } = event;
        const [short, detail] = [base64(`${rule}: ${message}`), [base64(message)]];
        const range = [{ start: { line }, end: { line: endLine } }];
        return { warnings: [{ level: 1, short, detail, ...(url !== undefined && { url }), range }] };
      }
      case "export":
        return { vertexes: [this.#change("export", { name: "exporting to image", started: at })] };
      case "error": {
        const error = event.problem.detail ?? event.problem.title;
        const step = event.step ?? "build";
        return { vertexes: [this.#change(step, { completed: at, error })] };
      }
      case "result":
        return { vertexes: [this.#change("export", { name: "exporting to image", completed: at })] };
    }
  }

  #add({ id, name }: StepInfo): Vertex {
    return this.#change(id, { name });
  }

  #change(id: string, change: Partial<Vertex>): Vertex {
    const vertex = { digest: digestOf(id), name: id, ...this.#vertices.get(id), ...change };
    this.#vertices.set(id, vertex);
    return vertex;
  }

  #log(step: string, stream: number, text: string, timestamp: string): object {
    return { vertex: digestOf(step), stream, data: base64(text), timestamp };
  }
}

/** BuildKit knows vertices by digests. */
function digestOf(id: string): string {
  return sha256(id);
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
