import { join } from "node:path";
import { isatty } from "node:tty";
import type { ServerImage } from "../../client/server-image.ts";
import { CommandError, errorText } from "../../command/command-error.ts";
import { serverFlag } from "../../command/flags/server-flag.ts";
import { authorizationFor } from "../../command/open-service.ts";
import { dataFolder, runnerFolder } from "../../machine/data-folder.ts";
import { parsePlatform } from "../../oci/platform.ts";
import { shortId, sizeText } from "../../progress/short-text.ts";
import {
  type ContainerHost,
  executeContainer,
  type RunningContainer,
} from "../../runner/containers/container.ts";
import { ContainerError } from "../../runner/containers/container-error.ts";
import { Volumes } from "../../runner/containers/volumes.ts";
import { makeFolder } from "../../runner/files/make-folder.ts";
import { DEFAULT_LAYER_BYTES } from "../../runner/runner-options.ts";
import { findAbility } from "../../runner/sandbox/ability.ts";
import { ControlGroups } from "../../runner/sandbox/control-group.ts";
import { machinePlatforms, nativePlatform } from "../../runner/sandbox/platforms.ts";
import type { RuntimeName } from "../../runner/sandbox/runtime.ts";
import { copyTools } from "../../runner/sandbox/unshare.ts";
import { needsUserNamespace } from "../../runner/sandbox/user-namespace.ts";
import { DirectoryStore } from "../../runner/snapshots/directory-store.ts";
import { command } from "../command.ts";
import { findImageToRun } from "./find-image.ts";
import { runFlagTable } from "./flag-table.ts";
import { againInNamespace, FORWARDED } from "./in-namespace.ts";
import { checkRunFlags, containerOf, type StopRule, stopRule } from "./options.ts";

/** The exit code of `docker run` when the container cannot be started. */
const NO_CONTAINER = 125;

const spec = {
  name: "run",
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Run a command in a container of an image, on this machine",
  about:
    "IMAGE is an image of the server, or of the registry in its name, which is requested with the credentials of `docker login` or `varve login`. The container is removed when the command ends; only volumes and mounted folders keep changes. It uses the network of this machine. Exits with the code of the command, or with 125 when the container cannot be started, 126 when the command cannot be executed, 127 when it does not exist.",
  flags: runFlagTable,
  args: [1, Number.POSITIVE_INFINITY],
  stopsAtArgument: true,
} as const;

/** `varve run`: like `docker run` with an image of the server, without a daemon. */
export const runCommand = Object.assign(
  async (words: readonly string[]): Promise<number> => {
    try {
      return needsUserNamespace() ? await againInNamespace() : await run(words);
    } catch (error) {
      if (!(error instanceof ContainerError)) {
        process.stderr.write(errorText(error));
        return NO_CONTAINER;
      }
      if (!error.isReported) process.stderr.write(errorText(error));
      return error.exitCode;
    }
  },
  { spec },
);

const run = command(spec, async ({ values, args: [name = "", ...words] }) => {
  checkRunFlags(values);
  if (values.tty && values.interactive && !isatty(0))
    throw new ContainerError("the input device is not a TTY", 1);
  const server = serverFlag(values.server, process.env);
  const platform = values.platform ?? nativePlatform();
  const image = await findImageToRun(
    name,
    {
      server,
      authorization: await authorizationFor(server, values.token),
      platform: parsePlatform(platform),
    },
    values.pull !== "never",
  );
  requireRunnable(image, name);
  const asked = containerOf(values, words, image.config.config, process.env);
  const rule = stopRule(values, image.config.config);
  const container = await executeContainer(
    { ...asked, layers: image.layers, fetchBlob: fetcher(image, values) },
    await openHost(values.runtime as RuntimeName | undefined),
  );
  return await follow(container, rule);
});

function requireRunnable({ config: { os, architecture, variant } }: ServerImage, name: string): void {
  const platform = [os, architecture, ...(variant ? [variant] : [])].join("/");
  const runnable = machinePlatforms();
  if (runnable.includes(platform) || runnable.includes(`${os}/${architecture}`)) return;
  throw new CommandError(
    `Cannot run ${name}: the image is for ${platform}, and this machine runs ${runnable.join(", ")}`,
    "Build the image for this machine with --platform, or register an emulator (binfmt_misc, with the flag F).",
  );
}

/** Fetches missing layers, with a progress line. */
function fetcher(
  image: ServerImage,
  { pull, quiet }: { pull: string | undefined; quiet: boolean | undefined },
) {
  const byDigest = new Map(image.layers.map((layer) => [layer.digest, layer]));
  return async (digest: string) => {
    const layer = byDigest.get(digest);
    if (layer === undefined || pull === "never")
      throw new CommandError(`Cannot run with --pull=never: layer ${digest} is not on this machine`);
    if (!quiet) process.stderr.write(`Fetching ${shortId(digest)} (${sizeText(layer.size)})\n`);
    return image.blob(layer);
  };
}

async function openHost(name: RuntimeName | undefined): Promise<ContainerHost> {
  const data = dataFolder(process.env);
  makeFolder(data, 0o700);
  const { runtime, method } = await findAbility(data, { runtime: name });
  const tools = join(data, "tools");
  if (runtime.name === "unshare") await copyTools(tools);
  const layers = join(runnerFolder(process.env), "layers", method.prefix);
  return {
    runtime,
    method,
    tools,
    groups: new ControlGroups(join(data, "containers")),
    containers: join(data, "containers"),
    store: await DirectoryStore.open(layers, DEFAULT_LAYER_BYTES, method.prefix),
    volumes: new Volumes(join(data, "volumes")),
  };
}

/** Signals after which the command exits at once; the number is docker's. */
const MAX_SIGNALS = 3;

/** Forwards signals to the container until it ends. SIGTERM becomes the image's stop signal. */
async function follow(container: RunningContainer, { signal, milliseconds }: StopRule): Promise<number> {
  let kill: NodeJS.Timeout | undefined;
  let asked = 0;
  const isImpatient = () => {
    asked += 1;
    if (asked === MAX_SIGNALS) container.signal("SIGKILL");
    return asked >= MAX_SIGNALS;
  };
  const stop = () => {
    if (isImpatient()) return;
    container.signal(signal);
    if (Number.isFinite(milliseconds)) kill ??= setTimeout(() => container.signal("SIGKILL"), milliseconds);
  };
  const handOn = (name: NodeJS.Signals) => {
    if (name !== "SIGINT" || !isImpatient()) container.signal(name);
  };
  process.on("SIGTERM", stop);
  for (const name of FORWARDED) process.on(name, handOn);
  try {
    return await container.exit;
  } finally {
    clearTimeout(kill);
    process.off("SIGTERM", stop);
    for (const name of FORWARDED) process.off(name, handOn);
  }
}
