/** Bounds of what a Dockerfile may grow into: expansion doubles, and a port range has 65,536 members. */
export const limits = {
  /** Characters of one text after expansion. */
  value: 1 << 20,
  /** Steps of one build; real images have below 130 layers each. */
  steps: 2048,
  /** Characters of all history entries of a stage. Registries refuse configs beyond a few megabytes. */
  history: 4 << 20,
  /** ONBUILD triggers of one base. */
  triggers: 1024,
} as const;
