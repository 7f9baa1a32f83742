import { criticalPath } from "../../progress/critical-path.ts";
import type { StepProgress } from "../../progress/step-progress.ts";

/** When a step ran. Times are in milliseconds since the start of the build. */
export interface TimelineRow {
  readonly id: string;
  readonly name: string;
  readonly state: StepProgress["state"];
  readonly start: number;
  /** When it stopped waiting, for example for a runner, and began to run. */
  readonly running: number;
  readonly end: number;
  /** Name of the input that finished last. */
  readonly after: string | undefined;
  readonly isCritical: boolean;
}

interface Timeline {
  readonly rows: readonly TimelineRow[];
  /** Duration of the whole build. */
  readonly total: number;
  /** Duration of the critical path: a build with these steps cannot be faster. */
  readonly critical: number;
}

/**
 * @param exported the export of the image, which follows all steps
 * @param total milliseconds from the start of the build until now or until its end
 */
export function computeTimeline(
  steps: readonly StepProgress[],
  exported: StepProgress | undefined,
  total: number,
): Timeline {
  const started = steps.filter(({ started, isLocal }) => started !== undefined && !isLocal);
  const all = exported === undefined ? started : [...started, exported];
  const endOf = ({ ended }: StepProgress) => Math.min(total, ended ?? total);
  const inputsOf = ({ info }: StepProgress) =>
    info === exported?.info ? started.map((step) => step.info.id) : (info.inputs ?? []);
  const byId = new Map(all.map((step) => [step.info.id, step]));
  const path = criticalPath(
    all.map((step) => ({
      id: step.info.id,
      inputs: inputsOf(step),
      duration: Math.max(0, endOf(step) - (step.started ?? total)),
    })),
  );
  const critical = new Set(path.ids);
  const rows = all.map((step): TimelineRow => {
    const start = Math.min(total, step.started ?? total);
    const inputs = inputsOf(step).flatMap((id) => byId.get(id) ?? []);
    const last = inputs.reduce<StepProgress | undefined>(
      (latest, input) => (latest === undefined || endOf(input) > endOf(latest) ? input : latest),
      undefined,
    );
    return {
      id: step.info.id,
      name: step.name,
      state: step.state,
      start,
      running: Math.min(total, start + step.waited),
      end: Math.max(start, endOf(step)),
      after: last?.name,
      isCritical: critical.has(step.info.id),
    };
  });
  return { rows: rows.sort((a, b) => a.start - b.start), total, critical: path.duration };
}
