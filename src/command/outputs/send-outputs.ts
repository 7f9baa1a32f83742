import type { BuildResult } from "../../../schemas/events.ts";
import { imageTar } from "../../client/image-tar.ts";
import { type ImageAddress, Images } from "../../client/images.ts";
import { unpackFolder } from "../../machine/unpack-folder.ts";
import { parseReference } from "../../oci/reference.ts";
import { readRepository, startsWithHost } from "../../registry/names.ts";
import { chunks } from "../../streams/chunks.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { ClientStep } from "../build/client-step.ts";
import type { Output } from "../flags/outputs.ts";
import { unpackLayout, withCreated } from "./archived-build.ts";
import { loadIntoDocker } from "./docker-load.ts";
import { isHostOf } from "./own-name.ts";
import { copyWithProgress, openImagePlace, openOwnRegistry } from "./push-image.ts";
import { addDestToErrors, writeTo } from "./write-to.ts";

/** Writes and pushes the result of a build to the outputs of the flags. */
export async function sendOutputs(result: BuildResult, tools: BuildTools): Promise<void> {
  const { outputs, names, server } = tools.flags;
  for (const output of outputs) await sendOutput(output, result, tools);
  const pushes = outputs.filter((output) => output.type === "registry");
  if (pushes.length === 0 || pushes.some((output) => namesOf(output.names, names, server).length > 0)) return;
  // A push by digest may mean the server's own registry.
  if (pushes.every(({ byDigest }) => byDigest) && names.length > 0) return;
  tools.progress.end(
    `WARNING: nothing was pushed: no tag names a registry other than ${server}, which has the image\n`,
  );
}

async function sendOutput(output: Output, result: BuildResult, tools: BuildTools): Promise<void> {
  const { flags, progress, service } = tools;
  const image: ImageAddress = { name: result.repository, reference: result.descriptor.digest };
  const images = new Images(service);
  const names = "names" in output && output.names.length > 0 ? output.names : flags.names;
  switch (output.type) {
    case "registry":
      return push(namesOf(output.names, names, flags.server), output.byDigest, image, tools);
    case "load": {
      const step = new ClientStep(progress, "loading into docker");
      step.start();
      await loadIntoDocker(await images.archive(image, { format: "docker", names }), step);
      step.done();
      return;
    }
    case "docker":
    case "oci": {
      const platforms = flags.options.platforms ?? [];
      const platform = output.type === "oci" && platforms.length > 0 ? platforms.join(",") : undefined;
      const annotations = await withCreated(flags.options.annotations, images, image, platforms[0]);
      const archive = await images.archive(image, { format: output.type, names, platform, annotations });
      const bytes = withProgress(
        chunks(archive.body as ReadableStream<Uint8Array>),
        `exporting to ${output.type} image format`,
        tools,
      );
      return output.isTar ? writeTo(output.dest, bytes) : unpackLayout(output.dest, bytes);
    }
    case "local":
    case "tar": {
      const platforms = flags.options.platforms ?? [];
      const registry = await openOwnRegistry(flags);
      const { platformSplit: split } = output;
      const bytes = withProgress(
        imageTar({ images, registry, image, platforms, split }),
        "exporting to client",
        tools,
      );
      return output.type === "tar" ? writeTo(output.dest, bytes) : unpackTo(output.dest, bytes);
    }
  }
}

/** @throws {CommandError} when the folder cannot be written */
function unpackTo(folder: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  return addDestToErrors(folder, () => unpackFolder(bytes, folder));
}

/** Names in another registry. A name without a host, or with the server's own host, is a name at the server. */
function namesOf(own: readonly string[], tags: readonly string[] = [], server: string): string[] {
  return (own.length > 0 ? own : tags).filter((name) => startsWithHost(name) && !isHostOf(name, server));
}

/** @param byDigest names become no tags */
async function push(
  names: readonly string[],
  byDigest: boolean,
  image: ImageAddress,
  tools: BuildTools,
): Promise<void> {
  const { flags, progress } = tools;
  const source = { ...image, name: readRepository(image.name) };
  const from = { registry: await openOwnRegistry(flags), ...source };
  for (const name of names) {
    const place = await openImagePlace(parseReference(name));
    const to = byDigest ? { ...place, reference: image.reference } : place;
    await copyWithProgress(from, to, { progress, step: `pushing ${name}`, referrers: true });
  }
}

async function* withProgress(bytes: AsyncIterable<Uint8Array>, name: string, { progress }: BuildTools) {
  const step = new ClientStep(progress, name);
  step.start();
  let sent = 0;
  for await (const chunk of bytes) {
    sent += chunk.length;
    step.report("sending tarball:", sent);
    yield chunk;
  }
  step.done();
}
