import { z } from "zod";
import { cacheGrant, cacheRequest, cacheState, keptState } from "./cache-mount.ts";
import { clientRunner } from "./client-runner.ts";
import { containerRequest, createdContainer, fromTerminal, toTerminal } from "./containers.ts";
import { binary, failed, json, ref, schema } from "./openapi-parts.ts";
import { poolName } from "./pools.ts";
import { job } from "./runner.ts";
import { runnerList } from "./runner-list.ts";
import { fromRunner, toRunner } from "./runner-messages.ts";

const layerUpload = z.object({ upload: z.string() });
const receivedLayer = z.object({ size: z.int() });

/** Schemas of the messages and requests of runners. */
export const runnerSchemas = {
  cacheGrant,
  cacheRequest,
  cacheState,
  containerRequest,
  createdContainer,
  fromRunner,
  fromTerminal,
  job,
  keptState,
  layerUpload,
  receivedLayer,
  toRunner,
  toTerminal,
};

const text = { type: "string" };
const path = (name: string) => ({ name, in: "path", required: true, schema: text });
const lease = [path("id"), path("key")];
const done = { description: "Done" };
const put = (what: string, content: object, answer: object) => ({
  summary: what,
  requestBody: { content },
  responses: { ...answer, "4XX": failed },
});

/** Parameters with which a client offers its own runner for a build. */
export const offerParameters = [
  {
    name: "runner",
    in: "query",
    description:
      "The client offers a runner for the steps of the build: no other runner may execute them (only), others may when it cannot (first), or it executes what others cannot (spare). The answer has a header Varve-Runner: the token with which the runner connects.",
    schema: schema(clientRunner.shape.runner),
  },
  ...["secret", "ssh"].map((name) => ({
    name,
    in: "query",
    description: `Ids (${name}) that only the client's runner has`,
    schema: { type: "array", items: text },
    style: "form",
    explode: true,
  })),
];

/** The routes of runners. Those below a job need the token of the job: see docs/runner.md. */
export const runnerPaths = {
  "/v1/runners": {
    get: {
      summary: "List runners; as a WebSocket of the protocol varve.runner, connect a runner",
      parameters: [
        {
          name: "pool",
          in: "query",
          description:
            "Of a WebSocket: the pool that the runner joins. Default: `default`, or that of its token.",
          schema: schema(poolName),
        },
      ],
      description: "Over the WebSocket a runner sends `fromRunner` and receives `toRunner`, as JSON texts.",
      responses: {
        101: { description: "The runner is accepted" },
        200: {
          description: "Runners of all pools, and on a local server the state of its own runner",
          content: { "application/json": { schema: schema(runnerList) } },
        },
        "4XX": failed,
      },
    },
  },
  "/v1/containers": {
    post: {
      summary: "Create a container of an image, which starts when its terminal is opened",
      parameters: [
        { name: "image", in: "query", required: true, schema: text },
        { name: "platform", in: "query", schema: text },
      ],
      requestBody: { content: { "application/json": { schema: ref("containerRequest") } } },
      responses: { 201: json("The container", "createdContainer"), 503: failed, "4XX": failed },
    },
  },
  "/v1/containers/{id}": {
    parameters: [path("id")],
    get: {
      summary: "Open the terminal of a container, as a WebSocket of the protocol varve.terminal",
      description:
        "The second protocol of the WebSocket is `token.` followed by the token of the container. The client sends `fromTerminal` and receives `toTerminal`, as JSON texts.",
      responses: { 101: { description: "The terminal is open" }, "4XX": failed },
    },
  },
  "/v1/containers/{id}/ports/{path}": {
    parameters: [path("id"), path("path")],
    ...Object.fromEntries(
      ["get", "post", "put", "patch", "delete", "options"].map((method) => [
        method,
        {
          summary: "Send a request to a port of a container",
          description:
            "The path is `ports` of the created container, the number of the port, and a path. Slashes are not encoded. Cookies and credentials are removed in both directions. The content is sandboxed.",
          responses: { default: { description: "What the container answers" }, 502: failed, "4XX": failed },
        },
      ]),
    ),
  },
  "/v1/jobs/{id}/objects/{key}": {
    parameters: [path("id"), path("key")],
    get: {
      summary: "Read a stored object of the job's task, or the requested Range",
      description:
        "Keys are blobs/sha256/<hex> for layers, contexts/<hex> and packs/<hex>. Slashes are not encoded.",
      responses: {
        200: { description: "The object", content: { "application/octet-stream": binary } },
        206: { description: "The range", content: { "application/octet-stream": binary } },
        "4XX": failed,
      },
    },
  },
  "/v1/jobs/{id}/layers": {
    parameters: [path("id")],
    post: {
      summary: "Start the upload of the layer that the task writes",
      responses: { 201: json("The upload", "layerUpload"), "4XX": failed },
    },
  },
  "/v1/jobs/{id}/layers/{upload}": {
    parameters: [path("id"), path("upload")],
    patch: {
      ...put(
        "Send a part of the layer; the server ignores bytes that it has",
        { "application/octet-stream": binary },
        { 200: json("Bytes received so far", "receivedLayer") },
      ),
      parameters: [{ name: "offset", in: "query", required: true, schema: { type: "integer" } }],
    },
    put: {
      summary: "End the upload",
      parameters: [{ name: "digest", in: "query", required: true, schema: text }],
      responses: { 204: done, "4XX": failed },
    },
  },
  "/v1/jobs/{id}/tocs/{digest}": {
    parameters: [path("id"), path("digest")],
    put: put(
      "Store the table of contents of the layer",
      { "application/octet-stream": binary },
      { 204: done },
    ),
  },
  "/v1/jobs/{id}/caches/{key}": {
    parameters: lease,
    post: {
      summary: "Request a cache that the job mounts",
      requestBody: { content: { "application/json": { schema: ref("cacheRequest") } } },
      responses: { 200: json("A lease of it", "cacheGrant"), 423: failed, "4XX": failed },
    },
  },
  "/v1/jobs/{id}/caches/{key}/state": {
    parameters: lease,
    get: {
      summary: "Read the state of a cache",
      responses: { 200: json("Its chunks", "cacheState"), "4XX": failed },
    },
    put: put(
      "Store a new state of a cache",
      { "application/json": { schema: ref("cacheState") } },
      { 200: json("It is kept", "keptState") },
    ),
  },
  "/v1/jobs/{id}/caches/{key}/packs/{pack}": {
    parameters: [...lease, path("pack")],
    get: {
      summary: "Read the Range of a pack",
      responses: {
        206: { description: "The part", content: { "application/octet-stream": binary } },
        "4XX": failed,
      },
    },
    put: put("A new pack", { "application/octet-stream": binary }, { 204: done }),
  },
  "/v1/jobs/{id}/caches/{key}/lease": {
    parameters: lease,
    post: { summary: "Renew the lease of a cache", responses: { 204: done, "4XX": failed } },
    delete: { summary: "End the lease of a cache", responses: { 204: done } },
  },
};
