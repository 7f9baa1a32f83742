import type { ReceiveLimits } from "./object-receiver.ts";

/** Limits for a repository with its submodules. */
export interface GitLimits extends ReceiveLimits {
  /** Files, directories and links of a checkout with its modules. */
  entries: number;
  /** Repositories fetched for one checkout. */
  repositories: number;
  /** Nesting depth of submodules. */
  moduleDepth: number;
}

const MIB = 1 << 20;

/** Chosen for a Worker with 128 MB, to use less than half of it. */
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
