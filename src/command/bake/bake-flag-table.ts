import { progressKinds, runnerKinds } from "../flags/build-flag-table.ts";
import { serverFlags } from "../flags/server-flag.ts";
import { type FlagTable, type FlagValues, ignored } from "../flags/table.ts";

/** Flags of `varve bake`: those of `docker buildx bake`, and a few more. */
export const bakeFlagTable = {
  allow: {
    kind: "csv",
    value: "RIGHTS",
    help: "Rights that the bake files may use: network.host, security.insecure, ssh, fs.read=PATH, fs.write=PATH, fs=PATH",
  },
  call: {
    kind: "text",
    value: "METHOD",
    help: "What to do with the targets: build, or check to lint them",
    choices: ["build", "check", "lint"],
  },
  check: { kind: "bool", help: "Only lint the targets; short for --call=check" },
  file: {
    kind: "list",
    short: "f",
    value: "FILE",
    completes: "file",
    help: "Bake or compose file, or - for stdin (default: those that buildx reads, e.g. compose.yaml, docker-bake.hcl)",
  },
  list: {
    kind: "text",
    value: "KIND",
    help: "List targets and build nothing. KIND is targets",
    choices: ["targets"],
  },
  load: { kind: "bool", help: "Load the images into docker; short for --set=*.output=type=docker" },
  "metadata-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write metadata of the results to a JSON file",
  },
  "no-cache": { kind: "bool", help: "Execute every step, without the build cache" },
  print: { kind: "bool", help: "Print the targets as JSON and build nothing" },
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
  push: {
    kind: "bool",
    help: "Push the images to the registries in their tags; short for --set=*.push=true",
  },
  runner: {
    kind: "text",
    choices: runnerKinds,
    value: "PLACE",
    help: "Where RUN steps are executed: on this machine (local), on the server's runners (pool), or auto",
  },
  sbom: { kind: "text", value: "BOOL", help: "Attach an SBOM, the list of packages in the image: true" },
  set: {
    kind: "list",
    value: "OVERRIDE",
    help: "Override a value: TARGET.KEY=VALUE; * in TARGET matches any part of a name",
  },
  var: { kind: "list", value: "NAME=VALUE", help: "Set a variable of the bake files" },
  ...serverFlags,
  builder: ignored("text", "the server is the only builder"),
  debug: ignored("bool", "there is no debug output", "D"),
} as const satisfies FlagTable;

export type BakeFlags = FlagValues<typeof bakeFlagTable>;
