import { buildInputs, buildListQuery, eventsQuery, insightsQuery, runQuery } from "./build.ts";
import { contextPaths, sha256Digest } from "./contexts.ts";
import { binary, failed, json, queryOf, ref, schema, uploadedBodyParameter } from "./openapi-parts.ts";
import { offerParameters } from "./openapi-runners.ts";
import { buildQuery } from "./options.ts";

const buildId = { name: "id", in: "path", required: true, schema: schema(buildInputs.shape.context) };
const manifest = { schema: { type: "object" } };
const events = {
  "application/x-ndjson": { schema: ref("buildEvent") },
  "text/event-stream": { schema: ref("buildEvent") },
  "text/plain": { schema: { type: "string" } },
};

/** Docker's header with credentials for private images. */
const registryConfig = {
  name: "X-Registry-Config",
  in: "header",
  description:
    "Credentials for private images: a JSON object in Base64url, from hosts of registries to objects with username and password, or with identitytoken",
  schema: { type: "string" },
};

/** Paths of builds, their events and statistics. */
export const buildPaths = {
  "/v1/builds": {
    post: {
      summary: "Build an image",
      description:
        "Answers with the image manifest (an index for several platforms), or with live events when Accept names an event format, or at once when Prefer is respond-async.",
      parameters: [...queryOf(buildQuery), ...offerParameters, uploadedBodyParameter, registryConfig],
      requestBody: {
        content: {
          "application/x-tar": binary,
          "multipart/form-data": {
            schema: {
              type: "object",
              properties: {
                dockerfile: { type: "string" },
                context: { type: "string", format: "binary" },
                options: ref("buildOptions"),
                request: {
                  type: "string",
                  description: "In place of the others: what the body would be as application/json",
                },
              },
              patternProperties: {
                "^secret\\.": {
                  type: "string",
                  format: "binary",
                  description: "A secret for RUN, by its id",
                },
              },
            },
          },
          "application/json": {
            schema: {
              type: "object",
              properties: {
                dockerfile: { type: "string" },
                ignore: { type: "string", description: "Text of the ignore file" },
                context: schema(sha256Digest),
                selected: {
                  ...schema(contextPaths),
                  description:
                    "Paths that the client has selected of contexts; the answer 409 with the code context-incomplete has those that the build reads",
                },
                options: ref("buildOptions"),
              },
            },
          },
        },
      },
      responses: {
        200: {
          description: "The manifest or index of the image, or its events",
          content: {
            "application/vnd.oci.image.manifest.v1+json": manifest,
            "application/vnd.oci.image.index.v1+json": manifest,
            ...events,
          },
        },
        202: json("The build has begun", "buildRecord"),
        "4XX": failed,
      },
    },
    get: {
      summary: "List runs of builds, newest first",
      parameters: queryOf(buildListQuery),
      responses: { 200: json("A page of records", "buildList"), "4XX": failed },
    },
  },
  "/v1/builds/{id}": {
    parameters: [buildId],
    get: {
      summary: "Read the record of a run of a build, by default the last one",
      parameters: queryOf(runQuery),
      responses: { 200: json("The record", "buildRecord"), 404: failed },
    },
    delete: {
      summary: "Cancel a build",
      responses: { 200: json("The record", "buildRecord"), 404: failed },
    },
  },
  "/v1/builds/{id}/events": {
    parameters: [buildId, { name: "Last-Event-ID", in: "header", schema: { type: "integer" } }],
    get: {
      summary: "Replay and follow the events of a run, by default the last one",
      parameters: queryOf(eventsQuery),
      responses: { 200: { description: "Events, until the build ends", content: events }, 404: failed },
    },
  },
  "/v1/builds/{id}/explain": {
    parameters: [buildId],
    get: {
      summary: "Explain why each step of a run hit or missed the build cache",
      parameters: queryOf(runQuery),
      responses: { 200: json("An explanation of every step", "explanation"), 404: failed },
    },
  },
  "/v1/builds/{id}/runs": {
    parameters: [buildId],
    get: {
      summary: "List the stored runs of a build, newest first",
      responses: { 200: json("Records of the runs", "runList"), 404: failed },
    },
  },
  "/v1/insights": {
    get: {
      summary: "Read statistics of the last runs of an image: durations, hit rate, longest steps, sizes",
      parameters: queryOf(insightsQuery),
      responses: { 200: json("The insights", "insights"), "4XX": failed },
    },
  },
};
