import type { ReceiveLimits } from "./object-receiver.ts";

/** What is allowed of a repository and its modules. */
export interface GitLimits extends ReceiveLimits {
  /** Files, directories and links of a checkout with its modules. */
  entries: number;
  /** Repositories that are fetched for one checkout. */
  repositories: number;
  /** Modules within modules. */
  moduleDepth: number;
}

const MIB = 1 << 20;

/** Made for a Worker of 128 MB: what is held in memory stays below half of it. */
export const DEFAULT_GIT_LIMITS: GitLimits = {
  objects: 400_000,
  objectBytes: 2048 * MIB,
  deltaBytes: 16 * MIB,
  baseBytes: 32 * MIB,
  fileBytes: 8192 * MIB,
  metadataBytes: 32 * MIB,
  recentBytes: 16 * MIB,
  readBackBytes: 8192 * MIB,
  waitingBytes: 16 * MIB,
  entries: 200_000,
  repositories: 100,
  moduleDepth: 8,
};
