import type { BuildResult } from "../../../schemas/events.ts";
import type { Problem } from "../../../schemas/problem.ts";
import type { Service } from "../../client/service.ts";
import type { BuildFlags } from "../flags/build-flags.ts";
import type { Interrupt } from "../interrupt.ts";
import type { Progress } from "../progress.ts";

/** The client, display and interrupt handler of a build. */
export interface BuildTools {
  service: Service;
  flags: BuildFlags;
  progress: Progress;
  interrupt: Interrupt;
}

/** Result of a build, and the warnings about the Dockerfile. */
export type Ended = { warnings: BuildWarning[] } & ({ result: BuildResult } | { problem: Problem });
export type BuildWarning = { rule: string; message: string; line: number; url?: string | undefined };
