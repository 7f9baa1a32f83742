import { serverFlags } from "../flags/server-flag.ts";
import { sharedFlags } from "../flags/shared-flags.ts";
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
  "metadata-file": sharedFlags["metadata-file"],
  "no-cache": sharedFlags["no-cache"],
  print: { kind: "bool", help: "Print the targets as JSON and build nothing" },
  progress: sharedFlags.progress,
  provenance: sharedFlags.provenance,
  pull: sharedFlags.pull,
  push: {
    kind: "bool",
    help: "Push the images to the registries in their tags; short for --set=*.push=true",
  },
  runner: sharedFlags.runner,
  sbom: sharedFlags.sbom,
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
