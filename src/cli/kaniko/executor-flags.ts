import { always, caches } from "../../command/flags/other-tools-flags.ts";
import { serverFlags } from "../../command/flags/server-flag.ts";
import { sharedFlags } from "../../command/flags/shared-flags.ts";
import { type FlagTable, ignored } from "../../command/flags/table.ts";

const fetches = "the server fetches base images, and retries";
const mirrors = "the server fetches base images: its operator sets VARVE_MIRRORS";
const pulls = "the server fetches base images, over HTTPS except on its own machine";
const snapshots = "a layer contains exactly the changes of its step";

/** The flags of kaniko's executor (version 1.24), and a few of varve. */
export const executorFlags = {
  "build-arg": { kind: "list", value: "NAME[=VALUE]", help: "Set a build argument" },
  bucket: {
    kind: "text",
    short: "b",
    value: "NAME",
    help: "Not supported: pass the object's https URL as --context",
  },
  cache: {
    kind: "bool",
    help: "Use the build cache (default true; false executes every step)",
  },
  compression: {
    kind: "text",
    choices: ["gzip", "zstd"],
    value: "KIND",
    help: "Compression of layers: gzip or zstd",
  },
  "compression-level": { kind: "text", value: "LEVEL", help: "Compression level" },
  context: {
    kind: "text",
    short: "c",
    value: "PLACE",
    completes: "folder",
    help: "The build context: a folder or dir://, tar://FILE, tar://stdin, git://, or the https:// URL of a tar (default /workspace/)",
  },
  "context-sub-path": { kind: "text", value: "PATH", help: "Folder in the context" },
  "custom-platform": { kind: "text", value: "PLATFORM", help: "Platform to build for, e.g. linux/arm64" },
  destination: {
    kind: "list",
    short: "d",
    value: "NAME",
    help: "Name of the image, including the registry to push to; repeatable",
  },
  "digest-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write the image digest to a file, or PUT it to an https:// URL",
  },
  dockerfile: {
    kind: "text",
    short: "f",
    value: "FILE",
    completes: "file",
    help: "The Dockerfile: a path in the working directory or the context, or a URL (default Dockerfile)",
  },
  git: {
    kind: "csv",
    value: "OPTION",
    help: "Options for git:// contexts: branch=NAME, recurse-submodules=BOOL",
  },
  "image-name-tag-with-digest-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write each destination as NAME:TAG@DIGEST to a file",
  },
  "image-name-with-digest-file": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write each destination as NAME@DIGEST to a file",
  },
  insecure: { kind: "bool", help: "Push over plain HTTP to registries without HTTPS" },
  "insecure-registry": { kind: "list", value: "HOST", help: "Like --insecure, for one registry" },
  label: { kind: "list", value: "NAME=VALUE", help: "Add a label to the image" },
  "log-format": {
    kind: "text",
    choices: ["text", "color", "json"],
    value: "KIND",
    help: "Progress output: text, color or json",
  },
  "no-push": { kind: "bool", help: "Do not push (default: KANIKO_NO_PUSH)" },
  "oci-layout-path": {
    kind: "text",
    value: "FOLDER",
    completes: "folder",
    help: "Write the image to a folder as an OCI layout",
  },
  "push-ignore-immutable-tag-errors": {
    kind: "bool",
    help: "Succeed when a registry rejects a push because the tag is immutable",
  },
  "push-retry": { kind: "text", value: "COUNT", help: "Number of retries of each push (default 0)" },
  "registry-certificate": {
    kind: "list",
    value: "HOST=FILE",
    completes: "file",
    help: "CA certificates of a registry, for pushes",
  },
  "registry-client-cert": {
    kind: "list",
    value: "HOST=CERT,KEY",
    completes: "file",
    help: "Client certificate and key for a registry, for pushes",
  },
  reproducible: { kind: "bool", help: "Set the times of all files to 1980-01-01" },
  "skip-tls-verify": { kind: "bool", help: "Push without verifying certificates" },
  "skip-tls-verify-registry": {
    kind: "list",
    value: "HOST",
    help: "Like --skip-tls-verify, for one registry",
  },
  "tar-path": {
    kind: "text",
    value: "FILE",
    completes: "file",
    help: "Write the image to an archive for `docker load`",
  },
  target: { kind: "text", value: "STAGE", help: "The stage to build" },
  verbosity: {
    kind: "text",
    short: "v",
    choices: ["panic", "fatal", "error", "warn", "info", "debug", "trace"],
    value: "LEVEL",
    help: "panic, fatal and error print only the output of failed steps",
  },
  runner: sharedFlags.runner,
  ...serverFlags,

  customPlatform: { kind: "text", help: "", alias: true },
  tarPath: { kind: "text", help: "", alias: true },

  "azure-container-registry-config": ignored("text", "credentials are those of docker's config.json"),
  "cache-copy-layers": ignored("bool", caches),
  "cache-dir": ignored("text", caches),
  "cache-repo": ignored("text", caches),
  "cache-run-layers": ignored("bool", caches),
  "cache-ttl": ignored("text", "the server keeps the build cache: see varve prune"),
  cleanup: ignored("bool", "no step changes the file system of this container"),
  "compressed-caching": ignored("bool", caches),
  force: ignored("bool", "no step changes the file system of this machine"),
  "force-build-metadata": ignored("bool", always),
  "ignore-path": ignored("list", "no file of this container can become part of the image"),
  "ignore-var-run": ignored("bool", "no file of this container can become part of the image"),
  "image-download-retry": ignored("text", fetches),
  "image-fs-extract-retry": ignored("text", fetches),
  "insecure-pull": ignored("bool", pulls),
  "kaniko-dir": ignored("text", "varve uses no folder"),
  "log-timestamp": ignored("bool", "plain text contains the duration of each step"),
  "no-push-cache": ignored("bool", caches),
  "registry-map": ignored("list", mirrors),
  "registry-mirror": ignored("list", mirrors),
  "single-snapshot": ignored("bool", "each step has a layer, which pulls and caches share"),
  "skip-default-registry-fallback": ignored("bool", mirrors),
  "skip-push-permission-check": ignored("bool", "permission is checked when the image is pushed"),
  "skip-tls-verify-pull": ignored("bool", pulls),
  "skip-unused-stages": ignored("bool", always),
  "snapshot-mode": ignored("text", snapshots),
  snapshotMode: ignored("text", snapshots),
  "use-new-run": ignored("bool", snapshots),
  "whitelist-var-run": ignored("bool", "no file of this container can become part of the image"),
} as const satisfies FlagTable;
