import { otherToolsFlags } from "./other-tools-flags.ts";
import { serverFlags } from "./server-flag.ts";
import { sharedFlags } from "./shared-flags.ts";
import { networkAllowFlag } from "./step-flags.ts";
import type { FlagTable } from "./table.ts";

/** See `CachePolicy`; kaniko has a flag of the same name with true and false. */
const cachePolicies = ["auto", "max", "min", "true", "false"] as const;

/** Flags of `varve build`: those of `docker buildx build`, in docker's spelling, and a few more. */
export const buildFlagTable = {
  "add-host": {
    kind: "csv",
    value: "NAME:ADDRESS",
    help: "Add a line to /etc/hosts of RUN; the address host-gateway is the runner's machine",
  },
  allow: {
    kind: "csv",
    value: "RIGHTS",
    help: "Rights that RUN may ask for: network.host, security.insecure; the runner must allow them, too",
  },
  annotation: {
    kind: "list",
    value: "NAME=VALUE",
    help: "Add an annotation to the manifest, or with index: before it to the index",
  },
  attest: {
    kind: "list",
    value: "SPEC",
    help: "Attach an attestation: type=provenance[,mode=min|max] or type=sbom",
  },
  attestations: {
    kind: "text",
    choices: ["index", "referrers"],
    value: "PLACE",
    help: "Where attestations are: in an index, as those of buildx (index), or only beside the image (referrers)",
  },
  "build-arg": {
    kind: "list",
    value: "NAME[=VALUE]",
    help: "Set an argument of the build; without a value from the environment",
  },
  "build-context": {
    kind: "list",
    value: "NAME=SOURCE",
    help: "Another context: a folder, docker-image://NAME, oci-layout://PATH or a git URL",
  },
  cache: {
    kind: "text",
    choices: cachePolicies,
    value: "POLICY",
    help: "Which intermediate results are stored for later builds: auto (those of this machine that are faster to fetch than to execute), max (all) or min (none)",
  },
  call: { kind: "text", value: "METHOD", help: "What to do: build, check, outline or targets" },
  check: { kind: "bool", help: "Only lint, as --call=check" },
  compression: {
    kind: "text",
    choices: ["gzip", "zstd"],
    value: "KIND",
    help: "How layers are compressed: gzip or zstd",
  },
  "digest-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write the digest of the image into a file",
  },
  file: {
    kind: "text",
    short: "f",
    value: "FILE",
    completes: "file",
    help: "The Dockerfile (default: PATH/Dockerfile), or - for stdin",
  },
  iidfile: { kind: "text", value: "FILE", completes: "file", help: "Write the image ID into a file" },
  label: { kind: "list", value: "NAME=VALUE", help: "Add a label to the image" },
  load: { kind: "bool", help: "Load the image into docker, as --output=type=docker" },
  "metadata-file": sharedFlags["metadata-file"],
  network: {
    kind: "text",
    value: "KIND",
    help: "Network of RUN: default (its own), none, or host (that of the machine which executes it, if that allows it)",
  },
  ...networkAllowFlag,
  "no-cache": sharedFlags["no-cache"],
  "no-cache-filter": { kind: "list", value: "STAGES", help: "Carry out the steps of these stages" },
  output: {
    kind: "list",
    short: "o",
    value: "SPEC",
    completes: "file",
    help: "Where the result goes besides the server: type=docker, oci, local, tar, image, registry or cacheonly, with dest=PATH and other keys",
  },
  platform: { kind: "list", value: "LIST", help: "Platforms to build for, as linux/amd64,linux/arm64" },
  progress: sharedFlags.progress,
  provenance: sharedFlags.provenance,
  pull: sharedFlags.pull,
  push: { kind: "bool", help: "Push to the registries that the tags name, as --output=type=registry" },
  quiet: { kind: "bool", short: "q", help: "Print the image ID and nothing else" },
  runner: sharedFlags.runner,
  sbom: sharedFlags.sbom,
  secret: { kind: "list", value: "SPEC", help: "A secret for RUN: id=NAME[,src=FILE|,env=NAME]" },
  "shm-size": { kind: "text", value: "BYTES", help: "Size of /dev/shm of RUN, as 128m" },
  "source-date-epoch": {
    kind: "text",
    value: "SECONDS",
    help: "Time of the image, or context for that of the git commit (default: SOURCE_DATE_EPOCH)",
  },
  ssh: {
    kind: "list",
    value: "SPEC",
    help: "An SSH agent or keys for RUN: default or ID[=SOCKET|=KEY[,KEY]]",
  },
  tag: { kind: "list", short: "t", value: "NAME", help: "Name of the image, as team/app:1.2" },
  target: { kind: "text", value: "STAGE", help: "The stage to build" },
  timestamps: {
    kind: "text",
    choices: ["preserve", "fixed"],
    value: "RULE",
    help: "Times of files: those of their sources (preserve, the default), or 1980 (fixed)",
  },
  ulimit: {
    kind: "list",
    value: "NAME=SOFT[:HARD]",
    help: "Limit of the processes of RUN, as nofile=1024:2048",
  },
  ...serverFlags,
  ...otherToolsFlags,
} as const satisfies FlagTable;
