import type { BuildOptions } from "../../schemas/options.ts";

/** Options as the query of a build: for bodies that have no place for them. See `buildQuery` of the schemas. */
export function buildQueryOf(options: Partial<BuildOptions>): URLSearchParams {
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
  set("sourcedateepoch", options.sourceDateEpoch);
  set("timestamps", options.timestamps);
  set("rewritetimestamp", options.rewriteTimestamp);
  if (options.provenance) set("provenance", provenanceText(options.provenance));
  set("sbom", options.sbom);
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
