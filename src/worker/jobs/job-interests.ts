import type { Job } from "../../../schemas/runner.ts";

/** Maximum number of characters of output that wait for the build to fetch them. */
const MAX_OUTPUT = 4 * 1024 * 1024;

export interface LogPiece {
  stream: "stdout" | "stderr";
  text: string;
}

interface Interest {
  job: Job;
  logs: LogPiece[];
  output: number;
  asked: number;
  wake: () => void;
}

/**
 * Data of jobs that is in memory only: their input, which may contain secrets, and their output. When it is lost, the build
 * offers the job again.
 */
export class JobInterests {
  readonly #all = new Map<string, Interest>();

  /** The job as last offered. */
  job(id: string): Job | undefined {
    return this.#all.get(id)?.job;
  }

  /** Time of the last request about the job, in milliseconds since 1970; undefined without one. */
  asked(id: string): number | undefined {
    return this.#all.get(id)?.asked;
  }

  keep(job: Job): void {
    const { logs = [], output = 0, wake = () => {} } = this.#all.get(job.id) ?? {};
    this.#all.set(job.id, { job, logs, output, wake, asked: Date.now() });
  }

  forget(id: string): void {
    this.wake(id);
    this.#all.delete(id);
  }

  log(id: string, piece: LogPiece): void {
    const interest = this.#all.get(id);
    if (interest === undefined || interest.output > MAX_OUTPUT) return;
    interest.logs.push(piece);
    interest.output += piece.text.length;
    interest.wake();
  }

  hasLogs(id: string): boolean {
    return (this.#all.get(id)?.logs.length ?? 0) > 0;
  }

  /** The output of the process since the last call. */
  takeLogs(id: string): LogPiece[] {
    const interest = this.#all.get(id);
    if (interest === undefined) return [];
    const { logs } = interest;
    interest.logs = [];
    interest.output = 0;
    interest.asked = Date.now();
    return logs;
  }

  /** Resolves when the job has changed or has output, or after some milliseconds. */
  async news(id: string, milliseconds: number): Promise<void> {
    const interest = this.#all.get(id);
    if (interest === undefined) return;
    interest.asked = Date.now();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      interest.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(id: string): void {
    this.#all.get(id)?.wake();
  }

  wakeAll(): void {
    for (const { wake } of this.#all.values()) wake();
  }
}
