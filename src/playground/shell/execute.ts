import type { ImageInspection } from "../../../schemas/images.ts";
import type { ImageAddress } from "../../client/images.ts";
import { ServiceError } from "../../client/service.ts";
import { shortId, sizeText } from "../../progress/short-text.ts";
import { tableText } from "../../progress/table.ts";
import { BASE_IMAGE } from "../../registry/base-image.ts";
import { firstValue } from "../browser/first-value.ts";
import { isBuilding, startBuild } from "../building/current-build.ts";
import { imageName } from "../images/image-service.ts";
import { hasBaseImage } from "../lessons/base-image.ts";
import { options } from "../project/project.ts";
import { imageClient } from "../service.ts";
import { ContainerCommands } from "./container-commands.ts";
import { dockerCommands, readDockerLine } from "./docker-line.ts";
import { imageFolder, readImageName, shownName } from "./image-names.ts";
import { SavedFiles } from "./saved-files.ts";
import { ShellError } from "./shell-error.ts";
import type { ShellOutput } from "./shell-output.ts";

const containers = new ContainerCommands();
const saved = new SavedFiles();

/**
 * Executes a docker command on the server and its runner. The output is docker's, in English.
 * @returns the exit code
 * @throws {ShellError} when the command is invalid
 * @throws {ServiceError}
 */
export async function executeDocker(line: string, output: ShellOutput): Promise<number> {
  const command = readDockerLine(line);
  const { print } = output;
  switch (command.kind) {
    case "help":
      print(`docker ${dockerCommands.join(" | ")}\nclear, help\n`);
      return 0;
    case "run": {
      const image = resolveName(command.image);
      const { descriptor } = await requireImage(image, command.image);
      const run = { repository: image.name, digest: descriptor.digest, shown: command.image };
      return containers.run(run, command, output);
    }
    case "build":
      return build(command, print);
    case "pull": {
      const { name, reference } = resolveName(command.image);
      const { layers, descriptor } = await requireImage({ name, reference }, command.image);
      const shown = `${shownName(name, folder())}:${reference}`;
      print(`${reference}: Pulling from ${name}\n`);
      for (const { digest } of layers) print(`${shortId(digest)}: Already exists\n`);
      print(`Digest: ${descriptor.digest}\nStatus: Image is up to date for ${shown}\n`);
      return 0;
    }
    case "images":
      print(await imageTable());
      return 0;
    case "history":
      print(await historyTable(command.image));
      return 0;
    case "inspect":
      print(`${JSON.stringify([await inspect(command.image)], undefined, 4)}\n`);
      return 0;
    case "tag": {
      const image = resolveName(command.image);
      await requireImage(image, command.image);
      await imageClient.tag(image, command.names.map(fullName));
      return 0;
    }
    case "rmi":
      for (const image of command.images) await remove(image, print);
      return 0;
    case "save": {
      const addresses = command.images.map((image) => fullName(image));
      const answer = await imageClient.archiveOf(addresses, { format: "docker" });
      saved.write(command.file, new Uint8Array(await answer.arrayBuffer()));
      return 0;
    }
    case "load": {
      for (const name of await saved.load(command.file)) {
        print(`Loaded image: ${shownName(name, folder())}\n`);
      }
      return 0;
    }
    default:
      return containers.execute(command, output);
  }
}

function folder(): string {
  return imageFolder(options.peek().tag);
}

function resolveName(text: string): ImageAddress {
  return readImageName(text, folder(), location.host);
}

/** Returns the full name of an image for the API. */
function fullName(text: string): string {
  return imageName(resolveName(text));
}

/** Inspects an image. @throws {ShellError} when the server does not have it */
async function requireImage(image: ImageAddress, shown: string): Promise<ImageInspection> {
  try {
    // The server builds the base image when its manifest is requested.
    if (image.name === BASE_IMAGE) await hasBaseImage();
    return await imageClient.inspect(image);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.problem.status !== 404) throw error;
    throw new ShellError(`Unable to find image '${shown}' at this server`, 125);
  }
}

async function build({ tag }: { tag: string }, print: (text: string) => void): Promise<number> {
  if (isBuilding.peek()) throw new ShellError("ERROR: another build of this page is running");
  if (tag !== "") {
    const { name, reference } = resolveName(tag);
    options.value = { ...options.peek(), tag: `${name}:${reference}` };
  }
  const { log, phase } = startBuild();
  await firstValue(phase, (now) => now === "ended");
  for (const { info, state, milliseconds = 0 } of log.steps.peek()) {
    const time = state === "done" ? ` ${(milliseconds / 1000).toFixed(1)}s` : "";
    print(` => ${state === "cached" ? "CACHED " : ""}${info.name}${time}\n`);
  }
  const problem = log.problem.peek();
  if (problem !== undefined) throw new ShellError(`ERROR: ${problem.detail ?? problem.title}`);
  const result = log.result.peek();
  print(` => writing image ${result?.imageId ?? ""}\n`);
  for (const name of result?.tags ?? []) print(` => naming to ${shownName(name, folder())}\n`);
  return 0;
}

/** Lists the images in the folder of the project, and the base image. */
async function imageTable(): Promise<string> {
  const rows: string[][] = [];
  for await (const { name, tag = "<none>", imageId = "", size } of imageClient.list()) {
    if (name !== BASE_IMAGE && !name.startsWith(folder())) continue;
    rows.push([shownName(name, folder()), tag, shortId(imageId), sizeText(size)]);
  }
  return tableText(["REPOSITORY", "TAG", "IMAGE ID", "SIZE"], rows);
}

/** Maximum number of characters of an instruction in the table, the same as in docker. */
const MAX_INSTRUCTION = 45;

async function historyTable(image: string): Promise<string> {
  const { history } = await requireImage(resolveName(image), image);
  const rows = history.toReversed().map(({ layer, createdBy = "", size }) => {
    const text = createdBy.replaceAll(/\s+/g, " ");
    const shown = text.length <= MAX_INSTRUCTION ? text : `${text.slice(0, MAX_INSTRUCTION - 1)}…`;
    return [layer === undefined ? "<none>" : shortId(layer.digest), shown, sizeText(size)];
  });
  return tableText(["LAYER", "CREATED BY", "SIZE"], rows);
}

async function inspect(name: string): Promise<object> {
  const container = containers.inspect(name);
  if (container !== undefined) return container;
  const image = await requireImage(resolveName(name), name);
  return {
    Id: image.imageId,
    RepoTags: image.tags.map((tag) => `${shownName(image.name, folder())}:${tag}`),
    RepoDigests: [`${shownName(image.name, folder())}@${image.descriptor.digest}`],
    Created: image.created,
    Architecture: image.architecture,
    Os: image.os,
    Size: image.size,
    Config: image.config,
    RootFS: { Type: "layers", Layers: image.layers.map(({ diffId }) => diffId) },
  };
}

async function remove(shown: string, print: (text: string) => void): Promise<void> {
  const image = resolveName(shown);
  if (image.name === BASE_IMAGE)
    throw new ShellError("Error: the base image of the lessons cannot be removed, because others use it");
  await requireImage(image, shown);
  const { untagged, deleted } = await imageClient.remove(image);
  for (const tag of untagged) print(`Untagged: ${shownName(tag, folder())}\n`);
  for (const digest of deleted) print(`Deleted: ${digest}\n`);
}
