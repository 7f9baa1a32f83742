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
    help: "Add an entry to /etc/hosts of RUN steps; the address host-gateway is the runner's machine",
  },
  allow: {
    kind: "csv",
    value: "RIGHTS",
    help: "Rights that RUN steps may request: network.host, security.insecure; the runner must allow them too",
  },
  annotation: {
    kind: "list",
    value: "NAME=VALUE",
    help: "Add an annotation to the manifest; with the prefix index: to the index",
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
    help: "Where attestations are stored: in an index, like buildx (index), or only as referrers of the image (referrers)",
  },
  "build-arg": {
    kind: "list",
    value: "NAME[=VALUE]",
    help: "Set a build argument; without a value, taken from the environment",
  },
  "build-context": {
    kind: "list",
    value: "NAME=SOURCE",
    help: "Additional context: a folder, docker-image://NAME, oci-layout://PATH or a git URL",
  },
  cache: {
    kind: "text",
    choices: cachePolicies,
    value: "POLICY",
    help: "Intermediate results to store for later builds: auto (those of this machine that are faster to fetch than to execute), max (all) or min (none)",
  },
  call: {
    kind: "text",
    value: "METHOD",
    help: "What to do: build, lint (check), list arguments (outline) or list stages (targets)",
  },
  check: { kind: "bool", help: "Only lint; short for --call=check" },
  compression: {
    kind: "text",
    choices: ["gzip", "zstd"],
    value: "KIND",
    help: "Compression of layers: gzip or zstd",
  },
  "digest-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write the image digest to a file",
  },
  file: {
    kind: "text",
    short: "f",
    value: "FILE",
    completes: "file",
    help: "The Dockerfile (default: PATH/Dockerfile), or - for stdin",
  },
  iidfile: { kind: "text", value: "FILE", completes: "file", help: "Write the image ID to a file" },
  label: { kind: "list", value: "NAME=VALUE", help: "Add a label to the image" },
  load: { kind: "bool", help: "Load the image into docker; short for --output=type=docker" },
  "metadata-file": sharedFlags["metadata-file"],
  network: {
    kind: "text",
    value: "KIND",
    help: "Network of RUN steps: default (isolated), none, or host (that of the machine that executes them, if its operator allows it)",
  },
  ...networkAllowFlag,
  "no-cache": sharedFlags["no-cache"],
  "no-cache-filter": {
    kind: "list",
    value: "STAGES",
    help: "Execute every step of these stages, and of stages that start from them, without the build cache",
  },
  output: {
    kind: "list",
    short: "o",
    value: "SPEC",
    completes: "file",
    help: "Where to write the result besides the server: type=docker, oci, local, tar, image, registry or cacheonly, with dest=PATH and other keys",
  },
  platform: { kind: "list", value: "LIST", help: "Platforms to build for, e.g. linux/amd64,linux/arm64" },
  progress: sharedFlags.progress,
  provenance: sharedFlags.provenance,
  pull: sharedFlags.pull,
  push: { kind: "bool", help: "Push to the registries in the tags; short for --output=type=registry" },
  quiet: { kind: "bool", short: "q", help: "Print only the image ID" },
  runner: sharedFlags.runner,
  sbom: sharedFlags.sbom,
  secret: { kind: "list", value: "SPEC", help: "Secret for RUN steps: id=NAME[,src=FILE|,env=NAME]" },
  "shm-size": { kind: "text", value: "BYTES", help: "Size of /dev/shm in RUN steps, e.g. 128m" },
  "source-date-epoch": {
    kind: "text",
    value: "SECONDS",
    help: "Time stamp of the image, or context for that of the git commit (default: SOURCE_DATE_EPOCH)",
  },
  ssh: {
    kind: "list",
    value: "SPEC",
    help: "SSH agent or keys for RUN steps: default or ID[=SOCKET|=KEY[,KEY]]",
  },
  tag: { kind: "list", short: "t", value: "NAME", help: "Name of the image, e.g. team/app:1.2; repeatable" },
  target: { kind: "text", value: "STAGE", help: "The stage to build" },
  timestamps: {
    kind: "text",
    choices: ["preserve", "fixed"],
    value: "RULE",
    help: "Time stamps of files: those of their sources (preserve, the default), or 1980-01-01 (fixed)",
  },
  ulimit: {
    kind: "list",
    value: "NAME=SOFT[:HARD]",
    help: "Limit for the processes of RUN steps, e.g. nofile=1024:2048",
  },
  ...serverFlags,
  ...otherToolsFlags,
} as const satisfies FlagTable;
