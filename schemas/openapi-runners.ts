import { cacheGrant, cacheState, keptState } from "./cache-mount.ts";
import { binary, failed, json, ref, schema } from "./openapi-parts.ts";
import { clientRunner, fromRunner, job, runnerList, toRunner } from "./runner.ts";

/** Schemas of what runners are told, and say. */
export const runnerSchemas = { cacheGrant, cacheState, fromRunner, job, keptState, toRunner };

const text = { type: "string" };
const path = (name: string) => ({ name, in: "path", required: true, schema: text });
const lease = [path("id"), path("key")];
const done = { description: "Done" };
const put = (what: string, content: object, answer: object) => ({
  summary: what,
  requestBody: { content },
  responses: { ...answer, "4XX": failed },
});

/** Parameters with which a client offers a runner of its own for a build. */
export const offerParameters = [
  {
    name: "runner",
    in: "query",
    description:
      "The client would carry out the steps itself: nobody else may (only), others may when it cannot (first), or it does what others cannot (spare). The answer has a header Varve-Runner: the token with which it dials in.",
    schema: schema(clientRunner.shape.runner),
  },
  ...["secret", "ssh"].map((name) => ({
    name,
    in: "query",
    description: `Ids that the client's runner has: nobody else is told more (${name})`,
    schema: { type: "array", items: text },
    style: "form",
    explode: true,
  })),
];

/** The routes of runners. Those below a job take tokens of its own: see docs/runner.md. */
export const runnerPaths = {
  "/v1/runners": {
    get: {
      summary: "List runners; as a WebSocket of the protocol varve.runner, dial in",
      description: "Over the WebSocket a runner says `fromRunner` and is told `toRunner`, as JSON texts.",
      responses: {
        101: { description: "The runner is taken" },
        200: {
          description: "Runners of the pool, and on a local server the state of its own",
          content: { "application/json": { schema: schema(runnerList) } },
        },
        "4XX": failed,
      },
    },
  },
  "/v1/jobs/{id}/blobs/{digest}": {
    parameters: [path("id"), path("digest")],
    get: {
      summary: "A layer that the job names",
      responses: {
        200: { description: "The layer", content: { "application/octet-stream": binary } },
        "4XX": failed,
      },
    },
  },
  "/v1/jobs/{id}/diff": {
    parameters: [path("id")],
    put: put("What the step left", { "application/x-tar": binary }, { 204: done }),
  },
  "/v1/jobs/{id}/caches/{key}": {
    parameters: lease,
    post: {
      summary: "Ask for a cache that the job mounts",
      responses: { 200: json("A lease of it", "cacheGrant"), 423: failed, "4XX": failed },
    },
  },
  "/v1/jobs/{id}/caches/{key}/state": {
    parameters: lease,
    get: {
      summary: "What is kept of a cache",
      responses: { 200: json("Its chunks", "cacheState"), "4XX": failed },
    },
    put: put(
      "Keep a cache as it is now",
      { "application/json": { schema: ref("cacheState") } },
      { 200: json("It is kept", "keptState") },
    ),
  },
  "/v1/jobs/{id}/caches/{key}/packs/{pack}": {
    parameters: [...lease, path("pack")],
    get: {
      summary: "A part of a pack, as Range says",
      responses: {
        206: { description: "The part", content: { "application/octet-stream": binary } },
        "4XX": failed,
      },
    },
    put: put("A new pack", { "application/octet-stream": binary }, { 204: done }),
  },
  "/v1/jobs/{id}/caches/{key}/lease": {
    parameters: lease,
    post: { summary: "The cache is still in use", responses: { 204: done, "4XX": failed } },
    delete: { summary: "The cache is not in use any more", responses: { 204: done } },
  },
};
