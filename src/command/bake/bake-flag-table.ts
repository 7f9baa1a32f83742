import { serverFlags } from "../flags/server-flag.ts";
import { sharedFlags } from "../flags/shared-flags.ts";
import { type FlagTable, type FlagValues, ignored } from "../flags/table.ts";

/** Flags of `varve bake`: those of `docker buildx bake`, and a few more. */
export const bakeFlagTable = {
  allow: {
    kind: "csv",
    value: "RIGHTS",
    help: "Rights that the files may use: network.host, security.insecure, ssh, fs.read=PATH, fs.write=PATH, fs=PATH",
  },
  call: {
    kind: "text",
    value: "METHOD",
    help: "What to do with the targets: build, or check to only lint them",
    choices: ["build", "check", "lint"],
  },
  check: { kind: "bool", help: "Only lint the targets, as --call=check" },
  file: {
    kind: "list",
    short: "f",
    value: "FILE",
    completes: "file",
    help: "Bake or compose file, or - for stdin (default: compose.yaml, docker-bake.json, docker-bake.hcl and the like)",
  },
  list: { kind: "text", value: "KIND", help: "Only list the targets: targets", choices: ["targets"] },
  load: { kind: "bool", help: "Load the images into docker, as --set=*.output=type=docker" },
  "metadata-file": sharedFlags["metadata-file"],
  "no-cache": sharedFlags["no-cache"],
  print: { kind: "bool", help: "Print the targets as JSON, and build nothing" },
  progress: sharedFlags.progress,
  provenance: sharedFlags.provenance,
  pull: sharedFlags.pull,
  push: { kind: "bool", help: "Push the images to the registries of their tags, as --set=*.push=true" },
  runner: sharedFlags.runner,
  sbom: sharedFlags.sbom,
  set: {
    kind: "list",
    value: "OVERRIDE",
    help: "Replace a value: TARGET.KEY=VALUE; * in TARGET is any part of a name",
  },
  var: { kind: "list", value: "NAME=VALUE", help: "Set a variable of the files" },
  ...serverFlags,
  builder: ignored("text", "there is no builder to choose but the server"),
  debug: ignored("bool", "there is nothing more to report", "D"),
} as const satisfies FlagTable;

export type BakeFlags = FlagValues<typeof bakeFlagTable>;
