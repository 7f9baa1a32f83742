import { accessSettings, createdToken, tokenInfo, tokenList, tokenRequest } from "./access.ts";
import {
  buildInputs,
  buildList,
  buildListQuery,
  buildRecord,
  explanation,
  insights,
  insightsQuery,
  runList,
  runQuery,
} from "./build.ts";
import { checkResult } from "./check.ts";
import { contextPaths, contextState, listingLine, packState, sha256Digest } from "./contexts.ts";
import { buildEvent } from "./events.ts";
import { imagePaths, imageSchemas } from "./openapi-images.ts";
import { binary, failed, json, queryOf, ref, schema, uploadedBody } from "./openapi-parts.ts";
import { offerParameters, runnerPaths, runnerSchemas } from "./openapi-runners.ts";
import { buildOptions, buildQuery } from "./options.ts";
import { planRequest, planResult } from "./plan.ts";
import { problem } from "./problem.ts";
import { scrubReport } from "./scrub.ts";
import { pruneOptions, pruneReport, usage } from "./usage.ts";

const named = {
  ...imageSchemas,
  ...runnerSchemas,
  accessSettings,
  buildEvent,
  buildList,
  insights,
  runList,
  buildOptions,
  buildRecord,
  checkResult,
  contextState,
  createdToken,
  explanation,
  listingLine,
  packState,
  planRequest,
  planResult,
  problem,
  pruneOptions,
  pruneReport,
  scrubReport,
  tokenInfo,
  tokenList,
  tokenRequest,
  usage,
};
const buildId = { name: "id", in: "path", required: true, schema: schema(buildInputs.shape.context) };
const digest = { name: "digest", in: "path", required: true, schema: schema(sha256Digest) };
const scope = {
  name: "scope",
  in: "query",
  description: "Name of the image that is built from the context: what is known is known for one image only",
  schema: { type: "string" },
};
const listing = { "application/x-ndjson": { schema: ref("listingLine") } };
const manifest = { schema: { type: "object" } };
const page = (type: string) => ({ description: "The description", content: { [type]: {} } });
const events = {
  "application/x-ndjson": { schema: ref("buildEvent") },
  "text/event-stream": { schema: ref("buildEvent") },
  "text/plain": { schema: { type: "string" } },
};

/** The specification says it better. */
const distribution = Object.fromEntries([
  ["parameters", [{ name: "path", in: "path", required: true, schema: { type: "string" } }]],
  ...["get", "head", "post", "patch", "put", "delete"].map((method) => [
    method,
    {
      summary: "OCI distribution",
      responses: { default: { description: "As the OCI distribution specification 1.1 says" } },
    },
  ]),
]);

/** Docker's header with credentials for private images. */
const registryConfig = {
  name: "X-Registry-Config",
  in: "header",
  description:
    "Credentials for private images: a JSON object in Base64url, from hosts of registries to objects with username and password, or with identitytoken",
  schema: { type: "string" },
};

let description: object | undefined;

/**
 * The OpenAPI 3.1 description of the native interface, made from the schemas that the server itself uses. Made once: it
 * takes milliseconds, and callers need no credential for it.
 */
export function openApi(): object {
  description ??= describeInterface();
  return description;
}

function describeInterface(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "varve",
      version: "0.1.0",
      summary: "Builds container images at the edge",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths: {
      "/v1/builds": {
        post: {
          summary: "Build an image",
          description:
            "Answers with the image manifest (an index for several platforms), or with live events when Accept names an event format, or at once when Prefer is respond-async.",
          parameters: [...queryOf(buildQuery), ...offerParameters, uploadedBody, registryConfig],
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
          summary: "The record of a run of a build, by default of the last one",
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
          summary: "Replay and follow the events of a run, by default of the last one",
          parameters: queryOf(runQuery),
          responses: { 200: { description: "Events, until the build ends", content: events }, 404: failed },
        },
      },
      "/v1/builds/{id}/explain": {
        parameters: [buildId],
        get: {
          summary: "Why each step of a run hit or missed the build cache",
          parameters: queryOf(runQuery),
          responses: { 200: json("An explanation of every step", "explanation"), 404: failed },
        },
      },
      "/v1/builds/{id}/runs": {
        parameters: [buildId],
        get: {
          summary: "The runs of a build that are kept, newest first",
          responses: { 200: json("Records of the runs", "runList"), 404: failed },
        },
      },
      "/v1/insights": {
        get: {
          summary: "What the last runs of an image say together: durations, hit rate, longest steps, sizes",
          parameters: queryOf(insightsQuery),
          responses: { 200: json("The insights", "insights"), "4XX": failed },
        },
      },
      "/v1/check": {
        post: {
          summary: "Lint a Dockerfile",
          requestBody: { content: { "text/plain": { schema: { type: "string" } } } },
          responses: { 200: json("What was found", "checkResult"), "4XX": failed },
        },
      },
      "/v1/contexts": {
        post: {
          summary: "Send the listing of a context",
          description:
            "Lines in path order, plain or compressed. Says which files are missing; when none are, the context is there.",
          parameters: [scope],
          requestBody: { content: listing },
          responses: {
            200: json("What the context is called and what is missing", "contextState"),
            "4XX": failed,
          },
        },
      },
      "/v1/contexts/{digest}": {
        parameters: [digest, scope],
        get: {
          summary: "The canonical listing of a context",
          responses: { 200: { description: "The listing", content: listing }, 404: failed },
        },
        head: {
          summary: "Is the context there",
          responses: { 200: { description: "It is" }, 404: { description: "It is not" } },
        },
      },
      ...imagePaths,
      ...runnerPaths,
      "/v1/packs/{digest}": {
        parameters: [digest, scope],
        put: {
          summary: "Send a pack of file contents",
          requestBody: { content: { "application/octet-stream": binary } },
          responses: {
            200: json("It was there already", "packState"),
            201: json("It is right, and stored", "packState"),
            "4XX": failed,
          },
        },
        get: {
          summary: "Is the pack there",
          responses: { 200: json("It is", "packState"), 404: failed },
        },
      },
      "/v1/plan": {
        post: {
          summary: "Tell what a build would do",
          description:
            "Stages, steps and their state in the build cache. Nothing is built, stored or fetched. Files that did not come through the image of the first t count as new.",
          parameters: queryOf(buildQuery),
          requestBody: {
            content: {
              "application/json": { schema: ref("planRequest") },
              "text/plain": { schema: { type: "string" } },
            },
          },
          responses: { 200: json("The plan, and what is wrong", "planResult"), "4XX": failed },
        },
      },
      "/v1/prune": {
        post: {
          summary: "Remove what nothing needs",
          description:
            "Without options: what nothing refers to, and what the build cache has not used for a week. Prunes are executed one after the other, and each has a report of its own.",
          requestBody: { content: { "application/json": { schema: ref("pruneOptions") } } },
          responses: {
            200: json("The report", "pruneReport"),
            202: {
              ...json(
                "It goes on, or waits for another one; Location has the address of its report",
                "pruneReport",
              ),
              headers: { location: { schema: { type: "string" } } },
            },
            409: { ...failed, description: "Too many others are waiting" },
            "4XX": failed,
          },
        },
        get: {
          summary: "The report of a prune",
          parameters: [
            {
              name: "id",
              in: "query",
              description:
                "Of the report; without it, that of the prune that is executed, or else of the last one",
              schema: schema(pruneReport.shape.id),
            },
          ],
          responses: { 200: json("The report, so far", "pruneReport"), 404: failed },
        },
      },
      "/v1/scrub": {
        post: {
          summary: "Read again what is stored",
          description:
            "Compares blobs and manifests with their digests, and looks whether what repositories say they have is there. One request does a part of it.",
          parameters: [
            {
              name: "after",
              in: "query",
              description: "Where the last part ended: its next",
              schema: { type: "string" },
            },
          ],
          responses: { 200: json("What was found", "scrubReport"), "4XX": failed },
        },
      },
      "/v1/tokens": {
        post: {
          summary: "Make a token",
          description: "The only time that the token itself is told: what is kept is its hash.",
          requestBody: { content: { "application/json": { schema: ref("tokenRequest") } } },
          responses: { 201: json("The token", "createdToken"), "4XX": failed },
        },
        get: { summary: "List tokens", responses: { 200: json("Tokens, oldest first", "tokenList") } },
      },
      "/v1/tokens/{id}": {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        delete: {
          summary: "Revoke a token",
          responses: { 200: json("What it was", "tokenInfo"), 404: failed },
        },
      },
      "/v1/access": {
        get: {
          summary: "What is public, and whose OIDC tokens are taken",
          responses: {
            200: json("What was put; the server's own settings are not part of it", "accessSettings"),
          },
        },
        put: {
          summary: "Say what is public, and whose OIDC tokens are taken",
          requestBody: { content: { "application/json": { schema: ref("accessSettings") } } },
          responses: { 200: json("What counts from now on", "accessSettings"), "4XX": failed },
        },
      },
      "/v1/usage": {
        get: { summary: "What is stored", responses: { 200: json("Objects and bytes", "usage") } },
      },
      "/v2/token": {
        get: {
          summary: "A token of the registry",
          description: "As distribution's token specification says, with Basic or as a guest.",
          parameters: ["service", "scope", "offline_token"].map((name) => ({
            name,
            in: "query",
            schema: { type: "string" },
          })),
          responses: {
            200: { description: "The token" },
            401: { description: "The credential is not taken" },
          },
        },
        post: {
          summary: "A token of the registry",
          description: "As OAuth 2 says, with the grants password and refresh_token.",
          requestBody: { content: { "application/x-www-form-urlencoded": { schema: { type: "object" } } } },
          responses: {
            200: { description: "The token" },
            401: { description: "The credential is not taken" },
          },
        },
      },
      "/v2/{path}": distribution,
      "/docs": { get: { summary: "This description, to read", responses: { 200: page("text/html") } } },
      "/healthz": { get: { summary: "Is it up", responses: { 200: { description: "It is" } } } },
      "/openapi.json": { get: { summary: "This description", responses: { 200: page("application/json") } } },
    },
    security: [{}, { bearer: [] }, { basic: [] }],
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A token, or an OIDC token that a rule is about",
        },
        basic: { type: "http", scheme: "basic", description: "The same as the password, with any user" },
      },
      schemas: Object.fromEntries(Object.entries(named).map(([name, type]) => [name, schema(type)])),
    },
  };
}
