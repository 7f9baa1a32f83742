import type { BuildOptions } from "../../schemas/options.ts";

/** Build options as a query, for bodies that cannot contain them. See `buildQuery` in `schemas/options.ts`. */
export function formatBuildQuery(options: Partial<BuildOptions>): URLSearchParams {
  const query = new URLSearchParams((options.tags ?? []).map((tag) => ["t", tag]));
  const set = (name: string, value: string | number | boolean | undefined) => {
    if (value !== undefined && value !== false && value !== "") query.set(name, String(value));
  };
  const setMap = (name: string, map: Readonly<Record<string, string>> = {}) => {
    if (Object.keys(map).length > 0) query.set(name, JSON.stringify(map));
  };
  set("dockerfile", options.dockerfile);
  set("target", options.target);
  setMap("buildargs", options.buildArgs);
  setMap("labels", options.labels);
  setMap("annotations", options.annotations);
  set("platform", options.platforms?.join(","));
  setMap("contexts", options.contexts);
  set("nocache", options.noCache);
  if (options.cache !== "auto") set("cache", options.cache);
  set("nocachefilter", options.noCacheFilter?.join(","));
  set("pull", options.pull);
  set("allow", options.allow?.join(","));
  if (options.network !== "default") set("networkmode", options.network);
  for (const host of options.extraHosts ?? []) query.append("extrahosts", host);
  if (options.ulimits?.length) {
    const limits = options.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard }));
    query.set("ulimits", JSON.stringify(limits));
  }
  set("shmsize", options.shmSize);
  set("compression", options.compression);
  set("compressionlevel", options.compressionLevel);
  set("forcecompression", options.forceCompression);
  if (options.ociMediaTypes === false) query.set("ocimediatypes", "false");
  set("bydigest", options.byDigest);
  set("sourcedateepoch", options.sourceDateEpoch);
  set("timestamps", options.timestamps);
  set("rewritetimestamp", options.rewriteTimestamp);
  if (options.provenance) set("provenance", provenanceText(options.provenance));
  set("sbom", options.sbom);
  if (options.attestations !== "index") set("attestations", options.attestations);
  set("check", options.check);
  return query;
}

function provenanceText({
  mode,
  builderId,
  reproducible,
}: Exclude<BuildOptions["provenance"], false>): string {
  const id = builderId === undefined ? "" : `,builder-id=${builderId}`;
  return `mode=${mode}${id}${reproducible ? ",reproducible=true" : ""}`;
}
