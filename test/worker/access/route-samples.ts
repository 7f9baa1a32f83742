import type { Right } from "../../../schemas/access.ts";
import type { EngineKind } from "../../../src/engine-api/request.ts";
import type { registryNeeds } from "../../../src/worker/access/registry-needs.ts";
import { contextOf } from "../../helpers/context-archive.ts";
import { archive, member } from "../../tar/archive.ts";

/** A build that needs nothing. */
export const context = contextOf({ Dockerfile: "FROM scratch\nLABEL a=b\n" });

/** A request, the name of whose repository is to be filled in, with what its body needs. */
export type Sample = (name: string) => [path: string, init?: RequestInit];

type FullSample = (name: string) => [method: string, path: string, init?: RequestInit];
const digest = `sha256:${"0".repeat(64)}`;
const json = (value: unknown): RequestInit => ({ body: JSON.stringify(value) });

/** Requests that can be repeated and do not affect each other. `build` is the id of a build. */
export const routeSamples = (build: string): Record<string, Sample> => ({
  "GET /healthz": () => ["/healthz"],
  "GET /metrics": () => ["/metrics"],
  "GET /v1/health": () => ["/v1/health"],
  "GET /openapi.json": () => ["/openapi.json"],
  "GET /docs": () => ["/docs"],
  "POST /v1/builds": (name) => [`/v1/builds?t=${name}:1`, { body: context }],
  "GET /v1/builds": () => ["/v1/builds"],
  "GET /v1/builds/{id}": () => [`/v1/builds/${build}`],
  "DELETE /v1/builds/{id}": () => [`/v1/builds/${build}`],
  "GET /v1/builds/{id}/events": () => [`/v1/builds/${build}/events`],
  "GET /v1/builds/{id}/explain": () => [`/v1/builds/${build}/explain`],
  "GET /v1/builds/{id}/runs": () => [`/v1/builds/${build}/runs`],
  "POST /v1/check": () => ["/v1/check", { body: "FROM scratch\n" }],
  "POST /v1/contexts": (name) => [`/v1/contexts?scope=${name}`, { body: '["a","dir",493,0,0,0,""]\n' }],
  "GET /v1/contexts/{digest}": (name) => [`/v1/contexts/${digest}?scope=${name}`],
  "GET /v1/packs/{digest}": (name) => [`/v1/packs/${digest}?scope=${name}`],
  "PUT /v1/packs/{digest}": (name) => [`/v1/packs/${digest}?scope=${name}`, { body: "no pack" }],
  "GET /v1/images": () => ["/v1/images"],
  "GET /v1/images/archive": (name) => [`/v1/images/archive?image=${name}:none`],
  "POST /v1/images/load": (name) => [`/v1/images/load?t=${name}:2`, { body: dockerArchive }],
  "POST /v1/images/{image…}/tags": (name) => [`/v1/images/${name}/none/tags?t=${name}:2`],
  "GET /v1/images/{image…}": (name) => [`/v1/images/${name}/1`],
  "DELETE /v1/images/{image…}": (name) => [`/v1/images/${name}/none`],
  "GET /v1/insights": (name) => [`/v1/insights?image=${name}`],
  "GET /v1/jobs/{id}/{item…}": () => [`/v1/jobs/a/objects/blobs/${digest}`],
  "POST /v1/jobs/{id}/{item…}": () => [`/v1/jobs/a/caches/${"0".repeat(64)}`],
  "PUT /v1/jobs/{id}/{item…}": () => [`/v1/jobs/a/tocs/${digest}`, { body: "" }],
  "PATCH /v1/jobs/{id}/{item…}": () => ["/v1/jobs/a/layers/a?offset=0", { body: "" }],
  "DELETE /v1/jobs/{id}/{item…}": () => [`/v1/jobs/a/caches/${"0".repeat(64)}/lease`],
  "GET /v1/containers/{id}": () => ["/v1/containers/none"],
  ...Object.fromEntries(
    ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) => [
      `${method} /v1/containers/{id}/ports/{item…}`,
      (): ReturnType<Sample> => ["/v1/containers/none/ports/none/8080/"],
    ]),
  ),
  "POST /v1/containers": (name) => [
    `/v1/containers?image=${name}:none`,
    json({ workspace: "0".repeat(32), size: { rows: 24, columns: 80 } }),
  ],
  "POST /v1/plan": (name) => [`/v1/plan?t=${name}:1`, { body: "FROM scratch\n" }],
  "GET /v1/prune": () => ["/v1/prune"],
  "POST /v1/prune": () => ["/v1/prune", json({ dryRun: true })],
  "GET /v1/usage": () => ["/v1/usage"],
  "GET /v1/runners": () => ["/v1/runners"],
  "POST /v1/scrub": () => ["/v1/scrub?after=zzz"],
  "GET /v1/tokens": () => ["/v1/tokens"],
  "POST /v1/tokens": () => ["/v1/tokens", json({ scopes: [] })],
  "DELETE /v1/tokens/{id}": () => ["/v1/tokens/none"],
  "GET /v1/access": () => ["/v1/access"],
  "PUT /v1/access": () => ["/v1/access", json({ public: 1 })],
  "GET /v2/token": () => ["/v2/token?scope=repository:team/app:pull"],
  "POST /v2/token": () => ["/v2/token", { body: "grant_type=none" }],
});

/** An image of `docker save`, without layers. */
const config = JSON.stringify({
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: [] },
});
const dockerArchive = archive(
  member({ path: "config.json" }, config),
  member({ path: "manifest.json" }, JSON.stringify([{ Config: "config.json", RepoTags: [], Layers: [] }])),
);

const upload = crypto.randomUUID();
export const registrySamples: Record<keyof typeof registryNeeds, FullSample> = {
  base: () => ["GET", "/v2/"],
  catalog: () => ["GET", "/v2/_catalog"],
  "blob get": (name) => ["GET", `/v2/${name}/blobs/${digest}`],
  "blob head": (name) => ["HEAD", `/v2/${name}/blobs/${digest}`],
  "blob delete": (name) => ["DELETE", `/v2/${name}/blobs/${digest}`],
  "manifest get": (name) => ["GET", `/v2/${name}/manifests/1`],
  "manifest head": (name) => ["HEAD", `/v2/${name}/manifests/1`],
  "manifest put": (name) => ["PUT", `/v2/${name}/manifests/2`, { body: "{}" }],
  "manifest delete": (name) => ["DELETE", `/v2/${name}/manifests/none`],
  tags: (name) => ["GET", `/v2/${name}/tags/list`],
  referrers: (name) => ["GET", `/v2/${name}/referrers/${digest}`],
  "start-upload": (name) => ["POST", `/v2/${name}/blobs/uploads/`],
  mount: (name) => ["POST", `/v2/${name}/blobs/uploads/?mount=${digest}&from=other/app`],
  "upload get": (name) => ["GET", `/v2/${name}/blobs/uploads/${upload}`],
  "upload patch": (name) => ["PATCH", `/v2/${name}/blobs/uploads/${upload}`, { body: "x" }],
  "upload delete": (name) => ["DELETE", `/v2/${name}/blobs/uploads/${upload}`],
  "finish-upload": (name) => ["PUT", `/v2/${name}/blobs/uploads/${upload}?digest=${digest}`, { body: "" }],
};

/** The right that each route needs on an existing image; `server` is that of an admin. `host` is that of the server, `admin` its secret. */
export const engineSamples = (
  host: string,
  admin = "",
): Record<EngineKind, [need: Right | "nothing" | "a credential" | "server", sample: FullSample]> => ({
  ping: ["nothing", () => ["GET", "/_ping"]],
  version: ["nothing", () => ["GET", "/v1.41/version"]],
  info: ["a credential", () => ["GET", "/v1.41/info"]],
  list: ["a credential", () => ["GET", "/images/json"]],
  search: ["a credential", () => ["GET", "/images/search?term=team"]],
  inspect: ["pull", (name) => ["GET", `/v1.41/images/${name}:1/json`]],
  history: ["pull", (name) => ["GET", `/images/${name}:1/history`]],
  save: ["pull", (name) => ["GET", `/images/${name}:1/get`]],
  "save-many": ["pull", (name) => ["GET", `/images/get?names=${name}:1`]],
  build: ["build", (name) => ["POST", `/v1.41/build?t=${name}:1`, { body: context }]],
  create: ["push", (name) => ["POST", `/images/create?fromImage=${host}/${name}&tag=1`]],
  load: ["push", () => ["POST", "/images/load", { body: dockerArchive }]],
  push: ["push", (name) => ["POST", `/images/${name}/push?tag=1`]],
  tag: ["push", (name) => ["POST", `/images/${name}:1/tag?repo=${name}&tag=2`]],
  remove: ["delete", (name) => ["DELETE", `/images/${name}:none`]],
  usage: ["a credential", () => ["GET", "/system/df"]],
  login: ["nothing", () => ["POST", "/auth", { body: loginOf(host, admin) }]],
  distribution: ["pull", (name) => ["GET", `/distribution/${host}/${name}:1/json`]],
  "prune-others": ["a credential", () => ["POST", "/networks/prune"]],
  prune: ["server", () => ["POST", "/images/prune"]],
  "build-prune": ["server", () => ["POST", "/build/prune"]],
});

const loginOf = (serveraddress: string, password: string) =>
  JSON.stringify({ username: "token", password, serveraddress });
