import { accessSettings, createdToken, tokenInfo, tokenList, tokenRequest } from "./access.ts";
import { buildList, buildRecord, explanation, insights, runList } from "./build.ts";
import { checkResult } from "./check.ts";
import { contextState, listingLine, packState, sha256Digest } from "./contexts.ts";
import { buildEvent } from "./events.ts";
import { health } from "./health.ts";
import { buildPaths } from "./openapi-builds.ts";
import { imagePaths, imageSchemas } from "./openapi-images.ts";
import { binary, failed, json, queryOf, ref, schema } from "./openapi-parts.ts";
import { runnerPaths, runnerSchemas } from "./openapi-runners.ts";
import { buildOptions, buildQuery } from "./options.ts";
import { planRequest, planResult } from "./plan.ts";
import { problem, problemCode } from "./problem.ts";
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
  health,
  listingLine,
  packState,
  planRequest,
  planResult,
  problem,
  problemCode,
  pruneOptions,
  pruneReport,
  scrubReport,
  tokenInfo,
  tokenList,
  tokenRequest,
  usage,
};
const digest = { name: "digest", in: "path", required: true, schema: schema(sha256Digest) };
const scope = {
  name: "scope",
  in: "query",
  description: "Name of the image that is built from the context: what is known is known for one image only",
  schema: { type: "string" },
};
const listing = { "application/x-ndjson": { schema: ref("listingLine") } };
const page = (type: string) => ({ description: "The description", content: { [type]: {} } });
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
      ...buildPaths,
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
            "Lines in path order, plain or compressed. The answer lists missing files; when there are none, the context is complete.",
          parameters: [scope],
          requestBody: { content: listing },
          responses: {
            200: json("The digest of the context and the missing files", "contextState"),
            "4XX": failed,
          },
        },
      },
      "/v1/contexts/{digest}": {
        parameters: [digest, scope],
        get: {
          summary: "Read the canonical listing of a context",
          responses: { 200: { description: "The listing", content: listing }, 404: failed },
        },
        head: {
          summary: "Check whether a context is stored",
          responses: { 200: { description: "It is stored" }, 404: { description: "It is not stored" } },
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
            201: json("It is valid and was stored", "packState"),
            "4XX": failed,
          },
        },
        get: {
          summary: "Check whether a pack is stored",
          responses: { 200: json("It is", "packState"), 404: failed },
        },
      },
      "/v1/plan": {
        post: {
          summary: "Plan a build",
          description:
            "Answers with stages, steps and their state in the build cache. Builds, stores and fetches nothing. Files that were not uploaded for the image of the first t count as new.",
          parameters: queryOf(buildQuery),
          requestBody: {
            content: {
              "application/json": { schema: ref("planRequest") },
              "text/plain": { schema: { type: "string" } },
            },
          },
          responses: { 200: json("The plan with findings", "planResult"), "4XX": failed },
        },
      },
      "/v1/prune": {
        post: {
          summary: "Remove unneeded objects",
          description:
            "By default removes objects that nothing refers to and that the build cache has not used for a week. Prunes run one after the other, and each has its own report.",
          requestBody: { content: { "application/json": { schema: ref("pruneOptions") } } },
          responses: {
            200: json("The report", "pruneReport"),
            202: {
              ...json(
                "It is running or waits for another prune; Location has the URL of its report",
                "pruneReport",
              ),
              headers: { location: { schema: { type: "string" } } },
            },
            409: { ...failed, description: "Too many prunes are waiting" },
            "4XX": failed,
          },
        },
        get: {
          summary: "Read the report of a prune",
          parameters: [
            {
              name: "id",
              in: "query",
              description: "Id of the report. Default: that of the running prune, or else of the last one",
              schema: schema(pruneReport.shape.id),
            },
          ],
          responses: { 200: json("The report, so far", "pruneReport"), 404: failed },
        },
      },
      "/v1/scrub": {
        post: {
          summary: "Verify stored objects",
          description:
            "Compares blobs and manifests with their digests, and checks that the contents of repositories exist. One request checks a part.",
          parameters: [
            {
              name: "after",
              in: "query",
              description: "The next of the previous answer",
              schema: { type: "string" },
            },
          ],
          responses: { 200: json("What was found", "scrubReport"), "4XX": failed },
        },
      },
      "/v1/tokens": {
        post: {
          summary: "Create a token",
          description: "Only this answer contains the token itself. The server stores its hash.",
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
          summary: "Read the access settings: public repositories and rules for OIDC tokens",
          responses: {
            200: json("The stored settings, without those of VARVE_ACCESS", "accessSettings"),
          },
        },
        put: {
          summary: "Replace the access settings: public repositories and rules for OIDC tokens",
          requestBody: { content: { "application/json": { schema: ref("accessSettings") } } },
          responses: { 200: json("The new settings", "accessSettings"), "4XX": failed },
        },
      },
      "/metrics": {
        get: {
          summary: "Metrics in the text format of Prometheus",
          description: "For admins of the server, and with the token of VARVE_METRICS_TOKEN.",
          responses: {
            200: { description: "Metrics", content: { "text/plain": { schema: { type: "string" } } } },
          },
        },
      },
      "/v1/health": {
        get: {
          summary: "Check each part of the server",
          description: "For admins of the server, and with the token of VARVE_METRICS_TOKEN.",
          responses: {
            200: json("Every part works, or some are degraded", "health"),
            503: json("A part fails", "health"),
          },
        },
      },
      "/v1/usage": {
        get: { summary: "Report the storage in use", responses: { 200: json("Objects and bytes", "usage") } },
      },
      "/v2/token": {
        get: {
          summary: "Get a token for the registry",
          description:
            "Follows the token specification of distribution, with Basic authentication or anonymously.",
          parameters: ["service", "scope", "offline_token"].map((name) => ({
            name,
            in: "query",
            schema: { type: "string" },
          })),
          responses: {
            200: { description: "The token" },
            401: { description: "Invalid credentials" },
          },
        },
        post: {
          summary: "Get a token for the registry with OAuth 2",
          description: "Supports the grants password and refresh_token.",
          requestBody: { content: { "application/x-www-form-urlencoded": { schema: { type: "object" } } } },
          responses: {
            200: { description: "The token" },
            401: { description: "Invalid credentials" },
          },
        },
      },
      "/v2/{path}": distribution,
      "/docs": { get: { summary: "Show this description as a page", responses: { 200: page("text/html") } } },
      "/healthz": {
        get: { summary: "Check that the server is up", responses: { 200: { description: "It is up" } } },
      },
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
