/** The instruction in a step name: `COPY src /src` in `[build 2/4] COPY src /src`. */
export function instructionOfStep(name: string): string {
  return name.replace(/^\[[^\]]*\]\s*/, "");
}

/** Whether a step fetches an image. */
export function isFrom(name: string): boolean {
  return instructionOfStep(name).startsWith("FROM ");
}

/** Whether a step executes a process. */
export function isRun(name: string): boolean {
  return instructionOfStep(name).startsWith("RUN ");
}
