import { shortId } from "../../progress/short-text.ts";
import { tableText } from "../../progress/table.ts";
import { firstValue } from "../browser/first-value.ts";
import { tabValues } from "../browser/storage.ts";
import {
  type ContainerState,
  containers,
  hasEnded,
  type PageContainer,
  type RunImage,
  startContainer,
} from "../running/containers.ts";
import type { RunRequest } from "../running/run-options.ts";
import type { DockerCommand } from "./docker-line.ts";
import { describeError, ShellError } from "./shell-error.ts";
import type { ShellOutput } from "./shell-output.ts";
import { VolumeNames } from "./volume-names.ts";

type RunCommand = Extract<DockerCommand, { kind: "run" }>;
type ContainerCommand = Extract<
  DockerCommand,
  { kind: "ps" | "exec" | "logs" | "stop" | "rm" | "volumes" | "volume-create" | "volume-rm" }
>;

/** Executes docker commands for the containers and volumes of this tab. */
export class ContainerCommands {
  readonly #volumes = new VolumeNames(tabValues.readJson("volumes"), (state) =>
    tabValues.store("volumes", state),
  );

  async run(image: RunImage, command: RunCommand, { print, follow }: ShellOutput): Promise<number> {
    const { name, request, isDetached, isRemoved, isTerminal } = command;
    const namesake = name === undefined ? undefined : findContainer(name);
    // A container that could not start is replaced.
    if (namesake?.state.peek().kind === "failed") namesake.remove();
    else if (namesake !== undefined) {
      throw new ShellError(
        `docker: Error response from daemon: Conflict. The container name "/${name}" is already in use.`,
        125,
      );
    }
    const container = startContainer(image, this.#withVolumes(request), name);
    if (isDetached) {
      if (isRemoved) void container.ended.then(() => container.remove());
      const state = await firstValue(container.state, hasStarted);
      print(`${container.id}\n`);
      return endCode(state, print) ?? 0;
    }
    const end = await follow(container, isTerminal);
    const code = endCode(end, print);
    if (isRemoved && !isTerminal) container.remove();
    return code ?? 0;
  }

  async execute(command: ContainerCommand, { print }: ShellOutput): Promise<number> {
    switch (command.kind) {
      case "ps": {
        const shown = containers
          .peek()
          .filter(({ state }) => command.isAll || !hasEnded(state.peek()))
          .toReversed();
        print(command.isQuiet ? shown.map(({ id }) => `${id}\n`).join("") : psTable(shown));
        return 0;
      }
      case "exec": {
        const container = requireRunning(command.container);
        return await container.exec(command.command, print);
      }
      case "logs":
        print(requireContainer(command.container).output.peek());
        return 0;
      case "stop":
        for (const name of command.containers) {
          const container = requireContainer(name);
          container.stop();
          const end = await container.ended;
          if (end.kind === "failed") return endCode(end, print) ?? 1;
          print(`${name}\n`);
        }
        return 0;
      case "rm":
        for (const name of command.containers) {
          const container = requireContainer(name);
          if (!hasEnded(container.state.peek()) && !command.isForced) {
            throw new ShellError(
              `Error response from daemon: cannot remove container "/${container.name}": container is running: stop the container before removing or force remove`,
            );
          }
          container.remove();
          print(`${name}\n`);
        }
        return 0;
      case "volumes":
        print(
          tableText(
            ["DRIVER", "VOLUME NAME"],
            this.#volumes.names.map((name) => ["local", name]),
          ),
        );
        return 0;
      case "volume-create":
        for (const name of command.names) {
          this.#volumes.open(name);
          print(`${name}\n`);
        }
        return 0;
      case "volume-rm":
        for (const name of command.names) {
          const user = containers.peek().find(({ request }) => uses(request, this.#volumes.peek(name)));
          if (user !== undefined) {
            throw new ShellError(
              `Error response from daemon: remove ${name}: volume is in use - [${user.id}]`,
            );
          }
          if (!this.#volumes.remove(name)) {
            throw new ShellError(`Error response from daemon: get ${name}: no such volume`);
          }
          print(`${name}\n`);
        }
        return 0;
    }
  }

  /** Returns the result of `docker inspect` for a container; undefined when no container has this name. */
  inspect(name: string): object | undefined {
    const container = findContainer(name);
    if (container === undefined) return undefined;
    const { id, request, image, since } = container;
    const state = container.state.peek();
    return {
      Id: id,
      Name: `/${container.name}`,
      Created: new Date(since).toISOString(),
      State: {
        Status: hasEnded(state) ? "exited" : "running",
        Running: !hasEnded(state),
        ...(state.kind === "exited" && { ExitCode: state.code }),
      },
      Image: image.digest,
      Config: { Image: image.shown ?? image.repository, Cmd: request.command, Env: request.env },
      HostConfig: { NetworkMode: "none", ReadonlyRootfs: request.readonly },
      Mounts: request.mounts,
    };
  }

  #withVolumes(request: RunRequest): RunRequest {
    const mounts = request.mounts.map((mount) =>
      mount.type === "volume" ? { ...mount, name: this.#volumes.open(mount.name) } : mount,
    );
    return { ...request, mounts };
  }
}

function uses({ mounts }: RunRequest, volume: string | undefined): boolean {
  return mounts.some((mount) => mount.type === "volume" && mount.name === volume);
}

function findContainer(name: string): PageContainer | undefined {
  return containers
    .peek()
    .find((container) => container.name === name || (name.length > 2 && container.id.startsWith(name)));
}

function requireContainer(name: string): PageContainer {
  const container = findContainer(name);
  if (container === undefined) throw new ShellError(`Error response from daemon: No such container: ${name}`);
  return container;
}

function requireRunning(name: string): PageContainer {
  const container = requireContainer(name);
  if (container.state.peek().kind !== "running") {
    throw new ShellError(`Error response from daemon: container ${container.id} is not running`);
  }
  return container;
}

function hasStarted({ kind }: ContainerState): boolean {
  return kind !== "starting" && kind !== "waiting";
}

/** Returns the exit code that docker would return: 125 when the container could not start, undefined while it runs. */
function endCode(state: ContainerState, print: (text: string) => void): number | undefined {
  if (state.kind === "exited") return state.code;
  if (state.kind !== "failed") return undefined;
  print(`docker: Error response from daemon: ${describeError(state.error)}\n`);
  return 125;
}

function psTable(shown: readonly PageContainer[]): string {
  return tableText(
    ["CONTAINER ID", "IMAGE", "COMMAND", "STATUS", "NAMES"],
    shown.map(({ id, image, title, state, since, name }) => [
      id,
      image.shown ?? shortId(image.digest),
      title.length > 24 ? `${title.slice(0, 23)}…` : title,
      statusText(state.peek(), since),
      name,
    ]),
  );
}

function statusText(state: ContainerState, since: number): string {
  if (state.kind === "exited") return `Exited (${state.code})`;
  if (state.kind === "failed") return "Dead";
  return `Up ${Math.max(1, Math.round((Date.now() - since) / 1000))} seconds`;
}
