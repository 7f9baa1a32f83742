import { openApi } from "../../schemas/openapi.ts";
import { engineRoutes } from "../../src/engine-api/request.ts";
import { routeNeeds } from "../../src/worker/access/route-needs.ts";
import type { Schema } from "./schema-values.ts";

/** A route of the server with the description of its requests. */
export interface Route {
  method: string;
  /** With parameters in braces. */
  path: string;
  /** Parameters of the query. */
  query: { name: string; schema: Schema }[];
  /** Schemas of bodies by their content types. */
  bodies: Record<string, Schema>;
}

interface Parameter {
  in: string;
  name: string;
  schema: Schema;
}

interface Operation {
  responses?: unknown;
  parameters?: Parameter[];
  requestBody?: { content?: Record<string, { schema?: Schema }> };
}

const document = openApi() as {
  paths: Record<string, { parameters?: Parameter[] } & Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

/** Definitions that the OpenAPI document refers to. */
export const schemas = document.components.schemas;

const described = Object.entries(document.paths).flatMap(
  ([path, { parameters: common = [], ...operations }]) =>
    Object.entries(operations as Record<string, Operation>)
      .filter(([, { responses }]) => responses !== undefined)
      .map(
        ([method, { parameters = [], requestBody }]): Route => ({
          method: method.toUpperCase(),
          path,
          query: [...common, ...parameters].filter((parameter) => parameter.in === "query"),
          bodies: Object.fromEntries(
            Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [type, schema]),
          ),
        }),
      ),
);

const named = (names: string) => names.split(" ").map((name) => ({ name, schema: { type: "string" } }));

/** Routes that the OpenAPI document leaves out. */
const others = routeNeeds
  .map(({ method, path }): Route => ({ method, path: path.replaceAll("…", ""), query: [], bodies: {} }))
  .filter(({ method, path }) => !described.some((route) => route.method === method && route.path === path));

const engine = engineRoutes.flatMap(([methods, path]) =>
  methods.split(" ").map(
    (method): Route => ({
      method,
      path: path.startsWith("/_") ? path : `/v1.47${path}`,
      query: named(
        "filters all fromImage fromSrc repo tag platform names term q t dockerfile buildargs labels target remote nocache version force noprune limit",
      ),
      bodies: method === "POST" ? { "application/x-tar": { type: "string", format: "binary" } } : {},
    }),
  ),
);

const binary = { "application/octet-stream": { type: "string", format: "binary" } };
const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const text: Schema = { type: "string" };
const descriptor: Schema = {
  type: "object",
  properties: {
    mediaType: { enum: [...manifestTypes, "application/vnd.oci.image.layer.v1.tar+gzip"] },
    digest: text,
    size: { type: "integer" },
    annotations: { type: "object", additionalProperties: text },
    artifactType: text,
    platform: { type: "object", properties: { os: text, architecture: text } },
  },
  required: ["mediaType", "digest", "size"],
};
const manifest: Schema = {
  type: "object",
  properties: {
    schemaVersion: { enum: [2, 1] },
    mediaType: { enum: manifestTypes },
    config: descriptor,
    layers: { type: "array", items: descriptor },
    manifests: { type: "array", items: descriptor },
    subject: descriptor,
    artifactType: text,
    annotations: { type: "object", additionalProperties: text },
  },
  required: ["schemaVersion", "mediaType", "config", "layers"],
};
const manifests = Object.fromEntries(manifestTypes.map((type) => [type, manifest]));

/** The distribution API, which is not in the OpenAPI description. */
const distribution = (
  [
    ["GET HEAD", "/v2/"],
    ["GET", "/v2/_catalog"],
    ["GET HEAD DELETE", "/v2/{name}/blobs/{digest}"],
    ["GET HEAD DELETE", "/v2/{name}/manifests/{reference}"],
    ["PUT", "/v2/{name}/manifests/{reference}", manifests],
    ["POST", "/v2/{name}/blobs/uploads/", binary],
    ["GET DELETE", "/v2/{name}/blobs/uploads/{upload}"],
    ["PATCH PUT", "/v2/{name}/blobs/uploads/{upload}", binary],
    ["GET", "/v2/{name}/tags/list"],
    ["GET", "/v2/{name}/referrers/{digest}"],
  ] as [string, string, Record<string, Schema>?][]
).flatMap(([methods, path, bodies = {}]) =>
  methods.split(" ").map(
    (method): Route => ({
      method,
      path,
      query: named("n last digest mount from artifactType digest-algorithm tag"),
      bodies,
    }),
  ),
);

/** Routes with other credentials are last, because a server rejects all credentials for a while after too many invalid ones. */
export const routes: readonly Route[] = [...described, ...others, ...engine, ...distribution].sort(
  (one, other) => rank(one) - rank(other),
);

function rank({ path }: Route): number {
  return path.startsWith("/v1/jobs/") ? 1 : path === "/v2/token" ? 2 : 0;
}
