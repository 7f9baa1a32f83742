import { z } from "zod";
import { type ContextPaths, contextPaths, sha256Digest } from "../../../schemas/contexts.ts";
import type { Context } from "../../context/context.ts";
import { ContextBuilder } from "../../context/context-builder.ts";
import { tableDigest } from "../../context/listing.ts";
import { ContextScope } from "../../context/scope.ts";
import { MAX_DOCKERFILE } from "../../dockerfile/parse.ts";
import { BuildError } from "../../engine/errors.ts";
import type { SubmittedInputs } from "../../engine/inputs.ts";
import { TableBuilder } from "../../rootfs/table-builder.ts";
import { collect } from "../../streams/collect.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { inTurns } from "../../streams/turns.ts";
import { readMultipart } from "../http/multipart.ts";
import { parseLargeRequestJson } from "../http/parse-json.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestBody } from "../http/request-body.ts";
import { sentArchive } from "../http/uploaded-body.ts";
import { type ArchiveBuild, type Destination, receiveArchive } from "./archive-upload.ts";
import type { SecretValues } from "./build-secrets.ts";
import type { ReceivedArchive } from "./convert-archive.ts";

/** The inputs of a build in a request. */
export interface BuildUpload extends SubmittedInputs {
  /** The context of an uploaded archive, not stored yet: see `keepArchive`. */
  archive?: Context | undefined;
  /** The paths of each context that the client selected. A context that is missing here is complete. */
  selected?: ContextPaths | undefined;
  /** Options of the body, not validated yet. */
  options: unknown;
  secrets: SecretValues;
}

/** Prepares a build for the archive that the server is about to receive. */
type Planner = (options: unknown, dockerfile: string | undefined) => ArchiveBuild;

/** Name prefix of form parts that are secrets. */
const secretPart = "secret.";
/** Maximum size of a secret in bytes: BuildKit's limit. */
const MAX_SECRET = 500 * 1024;
const named = z.object({
  dockerfile: z.string().max(MAX_DOCKERFILE).optional(),
  ignore: z.string().max(MAX_DOCKERFILE).optional(),
  context: sha256Digest.optional(),
  selected: contextPaths.optional(),
  options: z.unknown().default({}),
});

/**
 * Reads the body of a build request in any of its three forms. Stores an archive while receiving it.
 * @param planner prepares the build for an archive, from the options and the Dockerfile before it
 * @throws {ProblemError | BuildError}
 */
export async function readUpload(
  request: Request,
  destination: Destination,
  planner: Planner,
): Promise<BuildUpload> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (request.body === null) {
    throw new ProblemError("body-missing", {
      hint: "Send the build context as a tar: tar -c . | curl --data-binary @- …",
    });
  }
  if (type === "multipart/form-data") return readForm(request, destination, planner);
  if (type === "application/json")
    return readNamed(await parseLargeRequestJson(await text(readRequestBody(request))), destination);
  const { context, dockerfile } = await receiveArchive(
    sentArchive(request),
    planner({}, undefined),
    destination,
  );
  return { archive: context, context, dockerfile, options: {}, secrets: {} };
}

/** Reads a form. Its part `request` has the same content as a JSON body. */
async function readForm(form: Request, destination: Destination, planner: Planner): Promise<BuildUpload> {
  let archive: ReceivedArchive | undefined;
  let dockerfile: string | undefined;
  let options: unknown = {};
  let request: unknown;
  const secrets: Record<string, Uint8Array> = {};
  await readMultipart(form, async ({ name, body }) => {
    if (name === "context") {
      const sent = sentArchive(form, body);
      archive = await receiveArchive(sent, planner(options, dockerfile), destination);
    } else if (name === "dockerfile") dockerfile = await text(body);
    else if (name === "options") options = await parseLargeRequestJson(await text(body));
    else if (name === "request") request = await parseLargeRequestJson(await text(body));
    else if (name.startsWith(secretPart)) {
      secrets[name.slice(secretPart.length)] = await collect(body, MAX_SECRET);
    } else for await (const _ of body);
  });
  if (request !== undefined) return { ...(await readNamed(request, destination)), secrets };
  return {
    archive: archive?.context,
    context: archive?.context ?? (await emptyContext()),
    dockerfile: dockerfile ?? archive?.dockerfile,
    options,
    secrets,
  };
}

async function readNamed(body: unknown, destination: Destination): Promise<BuildUpload> {
  const { dockerfile, ignore, context: digest, selected, options } = named.parse(body);
  if (digest === undefined) {
    return { context: await emptyContext(), dockerfile, ignore, selected, options, secrets: {} };
  }
  const context = await new ContextScope(destination.world.store, destination.scope).openContext(digest);
  if (context === undefined) {
    throw new BuildError("context-unknown", `Cannot build from context ${digest}: it is not stored here`, {
      hint: "Send its listing to /v1/contexts first.",
    });
  }
  return { context, dockerfile, ignore, selected, options, secrets: {} };
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await collect(body, MAX_DOCKERFILE));
}

/** The context of a request that has none, before it is stored. */
async function emptyContext(): Promise<SubmittedInputs["context"]> {
  const tree = new TableBuilder().finish();
  return { digest: await inTurns(tableDigest(tree)), tree };
}

/** Stores the empty context of a build without one. Does not change the last context of the scope. */
export async function storeEmptyContext({ world, scope }: Destination): Promise<void> {
  using memory = isolateMemory.lend();
  const context = await new ContextBuilder(world.store, { memory }).finish();
  await new ContextScope(world.store, scope).saveContext(context);
}
