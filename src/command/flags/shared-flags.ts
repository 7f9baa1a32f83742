import type { FlagTable } from "./table.ts";

/** Display of the progress. */
export const progressKinds = ["auto", "plain", "tty", "rawjson", "quiet", "none"] as const;
/** Where RUN steps are executed: on this machine, on the server's runners, or on this machine if it is able to. */
export const runnerKinds = ["auto", "local", "pool"] as const;

/** Flags that several commands have with the same meaning. A command picks those that it supports. */
export const sharedFlags = {
  "metadata-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write metadata of the results to a JSON file",
  },
  "no-cache": { kind: "bool", help: "Execute every step, without the build cache" },
  progress: {
    kind: "text",
    choices: progressKinds,
    value: "KIND",
    help: "Progress output: auto, plain, tty, rawjson, quiet or none",
  },
  provenance: {
    kind: "text",
    value: "SPEC",
    help: "Attach a SLSA provenance attestation: true, or mode=min|max",
  },
  pull: { kind: "bool", help: "Check registries for newer base images" },
  runner: {
    kind: "text",
    choices: runnerKinds,
    value: "PLACE",
    help: "Where RUN steps are executed: on this machine (local), on the server's runners (pool), or auto",
  },
  runtime: {
    kind: "text",
    choices: ["crun", "runc", "unshare"],
    value: "PROGRAM",
    help: "Program that runs containers: crun, runc or unshare (default: the first one installed)",
  },
  sbom: { kind: "text", value: "BOOL", help: "Attach an SBOM, the list of packages in the image: true" },
} as const satisfies FlagTable;
