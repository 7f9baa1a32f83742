import { z } from "zod";
import { provenanceOption, provenanceText } from "./provenance-option.ts";
import { engineUlimits, extraHost, networkMode, ulimit } from "./run-options.ts";

/** Extra rights of steps, with BuildKit's names: the machine's network, and all rights of root. */
export const entitlement = z.enum(["network.host", "security.insecure"]);
export type Entitlement = z.infer<typeof entitlement>;

/**
 * Which intermediate results are stored for later builds. `auto`: results on runners that end with the build, if fetching
 * them is faster than executing their steps again. `max`: all. `min`: none.
 */
const cachePolicy = z.enum(["auto", "max", "min"]);
export type CachePolicy = z.infer<typeof cachePolicy>;

/** Options of a build. */
export const buildOptions = z.strictObject({
  /** Names for the image: `[host/]name[:tag]`. The host is ignored. */
  tags: z.array(z.string().min(1).max(512)).max(64).default([]),
  /** Path of the Dockerfile in the context. */
  dockerfile: z.string().min(1).max(4096).default("Dockerfile"),
  /** Stage to build. Default: the last one. */
  target: z.string().max(255).optional(),
  buildArgs: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  /**
   * Annotations of the manifests. A name may have a prefix of types, such as `index:`, `manifest-descriptor:` or
   * `manifest,index:`, and a type may have a platform: `manifest[linux/amd64]:`.
   */
  annotations: z.record(z.string(), z.string()).default({}),
  /** `os/arch[/variant]`. Several platforms make an image index. */
  platforms: z.array(z.string().min(1).max(64)).max(32).default([]),
  /** Named contexts: name → `docker-image://reference` or the digest of an uploaded context. */
  contexts: z.record(z.string(), z.string()).default({}),
  noCache: z.boolean().default(false),
  cache: cachePolicy.default("auto"),
  /** Stages whose steps, and those of stages that start from them, are executed without the build cache. */
  noCacheFilter: z.array(z.string().min(1).max(255)).max(256).default([]),
  /** Resolves tags at their registries even if they were resolved recently. */
  pull: z.boolean().default(false),
  /** Rights that RUN may request. The runner must allow them, too. */
  allow: z.array(entitlement).max(8).default([]),
  /** The network of RUN steps without `--network`. `host` needs the right `network.host`, which the runner must allow. */
  network: networkMode.default("default"),
  /** Lines of `/etc/hosts` of RUN steps: `NAME=ADDRESS`. */
  extraHosts: z.array(extraHost).max(256).default([]),
  /** Limits of the processes of RUN steps. */
  ulimits: z.array(ulimit).max(16).default([]),
  /** Bytes of `/dev/shm` of RUN steps. */
  shmSize: z.int().min(1).optional(),
  compression: z.enum(["gzip", "zstd"]).default("gzip"),
  /** Level of the compression: 0 to 9 for gzip, 0 to 22 for zstd. By default 4 for gzip, 3 for zstd. */
  compressionLevel: z.int().min(0).max(22).optional(),
  /** Also recompresses the layers of base images. Their files and diffIDs do not change. */
  forceCompression: z.boolean().default(false),
  /** `false`: manifests, configs and layers have Docker's media types. */
  ociMediaTypes: z.boolean().default(true),
  /** Stores the image in the repositories of its names by digest, without tags. */
  byDigest: z.boolean().default(false),
  /** Time in seconds since 1970 for `created` in config and history and for directories of WORKDIR, like the build argument. */
  sourceDateEpoch: z.int().min(0).optional(),
  /**
   * `preserve`: a copied file keeps the time of its source, and a new file has the time of its creation. `fixed`: every file
   * has 1980-01-01T00:00:00Z.
   */
  timestamps: z.enum(["preserve", "fixed"]).default("preserve"),
  /** Sets times in new layers that are later than SOURCE_DATE_EPOCH to that time. Has no effect without it. */
  rewriteTimestamp: z.boolean().default(false),
  /** Attaches SLSA provenance: `true`, `mode=min`, `mode=max,builder-id=…`. */
  provenance: provenanceOption.default(false),
  /** Attaches an SPDX list of the packages in the image. */
  sbom: z.boolean().default(false),
  /**
   * How attestations are stored. `index`: in an image index, like buildx, and as referrers. `referrers`: only as referrers,
   * which do not change the image's digest.
   */
  attestations: z.enum(["index", "referrers"]).default("index"),
  /** Only lints. */
  check: z.boolean().default(false),
});
export type BuildOptions = z.infer<typeof buildOptions>;

/** A boolean as the text of a query parameter. */
export const flag = z
  .enum(["", "0", "1", "true", "false"])
  .transform((text) => text === "" || text === "1" || text === "true");
const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "is not JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
const stringMap = json(z.record(z.string(), z.string()));

/** Options in a query string, with the names of Docker's Engine API. */
export const buildQuery = z.strictObject({
  t: z.array(z.string()).optional(),
  dockerfile: z.string().optional(),
  target: z.string().optional(),
  buildargs: stringMap.optional(),
  labels: stringMap.optional(),
  annotations: stringMap.optional(),
  platform: z
    .string()
    .transform((text) => text.split(",").filter(Boolean))
    .optional(),
  contexts: stringMap.optional(),
  nocache: flag.optional(),
  cache: cachePolicy.optional(),
  nocachefilter: z
    .string()
    .transform((text) => text.split(",").filter(Boolean))
    .optional(),
  pull: flag.optional(),
  allow: z
    .string()
    .transform((text) => text.split(",").filter(Boolean))
    .pipe(z.array(entitlement))
    .optional(),
  networkmode: z
    .string()
    .transform((text) => text || "default")
    .pipe(networkMode)
    .optional(),
  extrahosts: z.array(z.string()).optional(),
  ulimits: json(engineUlimits).optional(),
  shmsize: z.coerce.number<string>().int().min(0).optional(),
  /** Has no effect: the runner chooses the control groups of its steps. */
  cgroupparent: z.string().optional(),
  compression: z.enum(["gzip", "zstd"]).optional(),
  compressionlevel: z.coerce.number<string>().int().min(0).max(22).optional(),
  forcecompression: flag.optional(),
  ocimediatypes: flag.optional(),
  bydigest: flag.optional(),
  sourcedateepoch: z.coerce.number<string>().int().min(0).optional(),
  timestamps: z.enum(["preserve", "fixed"]).optional(),
  rewritetimestamp: flag.optional(),
  provenance: provenanceText.optional(),
  sbom: flag.optional(),
  attestations: z.enum(["index", "referrers"]).optional(),
  check: flag.optional(),
});

const optionOfQuery: Record<Exclude<keyof z.infer<typeof buildQuery>, "cgroupparent">, keyof BuildOptions> = {
  t: "tags",
  dockerfile: "dockerfile",
  target: "target",
  buildargs: "buildArgs",
  labels: "labels",
  annotations: "annotations",
  platform: "platforms",
  contexts: "contexts",
  nocache: "noCache",
  cache: "cache",
  nocachefilter: "noCacheFilter",
  pull: "pull",
  allow: "allow",
  networkmode: "network",
  extrahosts: "extraHosts",
  ulimits: "ulimits",
  shmsize: "shmSize",
  compression: "compression",
  compressionlevel: "compressionLevel",
  forcecompression: "forceCompression",
  ocimediatypes: "ociMediaTypes",
  bydigest: "byDigest",
  sourcedateepoch: "sourceDateEpoch",
  timestamps: "timestamps",
  rewritetimestamp: "rewriteTimestamp",
  provenance: "provenance",
  sbom: "sbom",
  attestations: "attestations",
  check: "check",
};

/** Parameters that may be repeated. */
const LISTS: ReadonlySet<string> = new Set(["t", "extrahosts"]);

/**
 * Reads the options of a request: those of the body, overridden by those of the query.
 * @throws {z.ZodError} with the path of the invalid option
 */
export function readOptions(query: URLSearchParams, body: unknown = {}): BuildOptions {
  const raw: Record<string, string | string[]> = {};
  for (const name of new Set(query.keys()))
    raw[name] = LISTS.has(name) ? query.getAll(name) : (query.getAll(name).at(-1) as string);
  const { cgroupparent: _, ...given } = buildQuery.parse(raw);
  // Docker sends 0 for the default.
  if (given.shmsize === 0) delete given.shmsize;
  // Validating very many members takes long.
  requireFew("", body);
  const merged: Record<string, unknown> = { ...z.looseObject({}).parse(body) };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== "") merged[optionOfQuery[name as keyof typeof given]] = value;
  }
  for (const [name, value] of Object.entries(merged)) requireFew(name, value);
  return buildOptions.parse(merged);
}

/** Maximum number of options, arguments, labels or annotations. A config may not have more. */
const MAX_ENTRIES = 10_000;

/** Limits the number of entries before zod validates each one, which takes longer than parsing the JSON. */
function requireFew(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Object.keys(value).length <= MAX_ENTRIES) return;
  const message = `Too big: expected at most ${MAX_ENTRIES} entries`;
  // `z.ZodError` is not an `Error`, and hono does not handle such exceptions.
  throw new z.ZodRealError([{ code: "custom", path: name === "" ? [] : [name], message, input: undefined }]);
}
