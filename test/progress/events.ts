import type { BuildEvent, EventBody, StepInfo } from "../../schemas/events.ts";

/** A step of a plan. @param inputs ids of the steps that it reads */
export function step(id: string, name = id, inputs?: string[]): StepInfo {
  const lines = { start: 1, end: 1 };
  return { id, name, stage: "", platform: "linux/amd64", lines, ...(inputs && { inputs }) };
}

/** Fields of `step.done` besides the step and its time. */
export const done = { reused: false, why: "", differences: [] };

export const layer = { mediaType: "", digest: `sha256:${"ab".repeat(32)}`, size: 1_234_567 };

export const result: EventBody = {
  type: "result",
  descriptor: layer,
  imageId: layer.digest,
  repository: "app",
  tags: ["app:latest"],
};

export function failure(id?: string, code = "run-failed"): EventBody {
  const problem = {
    type: "about:blank",
    title: "The step failed",
    status: 400,
    code,
    detail: "exit code: 1",
  };
  return { type: "error", problem, ...(id !== undefined && { step: id }) };
}

/** Events of a server at these milliseconds. */
export function log(...bodies: [time: number, body: EventBody][]): BuildEvent[] {
  return bodies.map(([time, body], index) => ({ seq: index + 1, time, ...body }) as BuildEvent);
}

/** An event of the client. */
export function local(time: number, body: EventBody): BuildEvent {
  return { seq: 0, time, ...body } as BuildEvent;
}

export const start = (id: string): EventBody => ({ type: "step.start", step: id });
export const cached = (id: string): EventBody => ({ type: "step.cached", step: id });
export const waiting = (id: string, message = "waiting for a runner"): EventBody => ({
  type: "step.waiting",
  step: id,
  message,
});
export const output = (id: string, text: string, stream: "stdout" | "stderr" = "stdout"): EventBody => ({
  type: "step.log",
  step: id,
  stream,
  text,
});
export const end = (id: string, milliseconds = 1000): EventBody => ({
  type: "step.done",
  step: id,
  milliseconds,
  ...done,
});
export const transfer = (id: string, current: number, total?: number, message = "reading"): EventBody => ({
  type: "step.progress",
  step: id,
  message,
  current,
  ...(total !== undefined && { total }),
});
export const plan = (...steps: StepInfo[]): EventBody => ({ type: "plan", steps });
