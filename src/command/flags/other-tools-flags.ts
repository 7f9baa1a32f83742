import { type Flag, type FlagTable, ignored } from "./table.ts";

const limits = "steps run within the limits of the machine that executes them";
export const caches = "the build cache is at the server and needs no settings";
export const always = "varve always works this way";
const registries = "the server's settings control how it connects to registries";
const retries = "failed transfers are always retried";

function alias<K extends Flag["kind"]>(kind: K, short?: string): Flag & { kind: K; alias: true } {
  return { kind, help: "", alias: true, ...(short !== undefined && { short }) };
}

/**
 * Flags that command lines of docker, buildx and kaniko have: those of kaniko that have another name here, and those
 * that have no meaning here, so that such a command line works unchanged.
 */
export const otherToolsFlags = {
  // kaniko
  context: alias("text"),
  "context-sub-path": alias("text"),
  "custom-platform": alias("list"),
  destination: alias("list", "d"),
  dockerfile: alias("text"),
  "no-push": alias("bool"),
  "oci-layout-path": alias("text"),
  reproducible: alias("bool"),
  "tar-path": alias("text"),

  // docker and buildx
  builder: ignored("text", "the server is the only builder"),
  "cache-from": ignored("list", caches),
  "cache-to": ignored("list", caches),
  "cgroup-parent": ignored("text", "the runner chooses the control groups of its steps"),
  compress: ignored("bool", "the command compresses contexts itself"),
  "cpu-period": ignored("text", limits),
  "cpu-quota": ignored("text", limits),
  "cpu-shares": ignored("text", limits, "c"),
  "cpuset-cpus": ignored("text", limits),
  "cpuset-mems": ignored("text", limits),
  debug: ignored("bool", "there is no debug output", "D"),
  "force-rm": ignored("bool", "builds leave no containers"),
  isolation: ignored("text", "it applies to Windows only"),
  memory: ignored("text", limits, "m"),
  "memory-swap": ignored("text", limits),
  policy: ignored("list", "the server's rules apply"),
  resource: ignored("list", limits),
  rm: ignored("bool", "builds leave no containers"),
  "security-opt": ignored("csv", limits),
  squash: ignored("bool", "layers are never squashed"),

  // kaniko
  "cache-copy-layers": ignored("bool", caches),
  "cache-dir": ignored("text", caches),
  "cache-repo": ignored("text", caches),
  "cache-run-layers": ignored("bool", caches),
  "cache-ttl": ignored("text", caches),
  cleanup: ignored("bool", always),
  "compressed-caching": ignored("bool", caches),
  "compression-level": ignored("text", "use --output type=image,compression-level=N"),
  force: ignored("bool", "builds do not change this machine"),
  git: ignored("text", "use URL#BRANCH:FOLDER"),
  "ignore-path": ignored("list", "files of this machine cannot get into the image"),
  "image-download-retry": ignored("text", retries),
  "image-fs-extract-retry": ignored("text", retries),
  "image-name-tag-with-digest-file": ignored("text", "use --metadata-file"),
  "image-name-with-digest-file": ignored("text", "use --metadata-file"),
  insecure: ignored("bool", registries),
  "insecure-pull": ignored("bool", registries),
  "insecure-registry": ignored("list", registries),
  "kaniko-dir": ignored("text", always),
  "log-format": ignored("text", "use --progress"),
  "log-timestamp": ignored("bool", "use --progress"),
  "push-retry": ignored("text", retries),
  "registry-certificate": ignored("list", registries),
  "registry-client-cert": ignored("list", registries),
  "registry-map": ignored("text", registries),
  "registry-mirror": ignored("list", registries),
  "single-snapshot": ignored("bool", "each step has a layer"),
  "skip-default-registry-fallback": ignored("bool", registries),
  "skip-push-permission-check": ignored("bool", registries),
  "skip-tls-verify": ignored("bool", registries),
  "skip-tls-verify-pull": ignored("bool", registries),
  "skip-tls-verify-registry": ignored("list", registries),
  "skip-unused-stages": ignored("bool", always),
  "snapshot-mode": ignored("text", always),
  "use-new-run": ignored("bool", always),
  verbosity: ignored("text", "use --progress", "v"),
} as const satisfies FlagTable;
