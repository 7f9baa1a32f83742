import { bytesToHex } from "@noble/hashes/utils.js";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { CreatedContainer, TerminalSize, ToTerminal } from "../../../schemas/containers.ts";
import { ContainerTerminal } from "../../client/container-terminal.ts";
import { uploadContext } from "../../client/upload-context.ts";
import { pathJudge } from "../../context/context-view.ts";
import { firstValue } from "../browser/first-value.ts";
import { tabValues } from "../browser/storage.ts";
import { withRetries } from "../browser/with-retries.ts";
import { compressBlock } from "../building/compress-block.ts";
import { readContext } from "../project/context.ts";
import { files, paths } from "../project/project.ts";
import { select } from "../project/selection.ts";
import { imageClient, service } from "../service.ts";
import { announce } from "../ui/announce.tsx";
import { messages } from "./messages.ts";
import type { RunRequest } from "./run-options.ts";
import type { TerminalScreen } from "./terminal-screen.ts";

export type ContainerState =
  | { kind: "starting" | "waiting" | "running" | "stopping" }
  | { kind: "exited"; code: number }
  /** `isLost`: the connection was lost after the container had started. */
  | { kind: "failed"; error: unknown; isLost?: boolean };

/** A container that was started in this tab. */
export interface PageContainer {
  readonly number: number;
  /** 12 hexadecimal digits, like a short id of docker. */
  readonly id: string;
  readonly name: string;
  /** Entrypoint and command as one text. */
  readonly title: string;
  readonly image: RunImage;
  readonly request: RunRequest;
  /** When it was started, in milliseconds since 1970. */
  readonly since: number;
  readonly state: Signal<ContainerState>;
  /** Its output. Only the end of a long output is kept. */
  readonly output: Signal<string>;
  /** Its terminal; undefined until the code of the terminal is loaded. */
  readonly screen: Signal<TerminalScreen | undefined>;
  /** Base path of its ports; undefined unless it is running. */
  readonly ports: ReadonlySignal<string | undefined>;
  /** TCP ports of the image's EXPOSE instructions. */
  readonly exposed: Signal<readonly number[]>;
  /** Resolves when it has exited or failed. */
  readonly ended: Promise<ContainerState>;
  /** Runs another process in the container. @returns the exit code */
  exec(command: readonly string[], print: (text: string) => void): Promise<number>;
  stop(): void;
  /** Stops the container and removes it from the page. */
  remove(): void;
}

/** The image of a container. */
export interface RunImage {
  repository: string;
  digest: string;
  /** Its name as the user entered it. */
  shown?: string;
}

export const containers: Signal<readonly PageContainer[]> = signal([]);
/** The last containers of this tab in start order, including removed ones. */
export const startedContainers: Signal<readonly PageContainer[]> = signal([]);
export const shownContainer: Signal<number | undefined> = signal(undefined);

/** Maximum number of characters of output that are kept for a container. */
const MAX_OUTPUT = 64 * 1024;
/** Maximum number of containers in `startedContainers`. */
const MAX_STARTED = 200;
let last = 0;

export function hasEnded({ kind }: ContainerState): boolean {
  return kind === "exited" || kind === "failed";
}

/** Starts a container and shows its terminal. @param name default: `container-` with a number */
export function startContainer(image: RunImage, request: RunRequest, name?: string): PageContainer {
  const state: PageContainer["state"] = signal({ kind: "starting" });
  const screen: PageContainer["screen"] = signal(undefined);
  const output = signal("");
  const created: Signal<CreatedContainer | undefined> = signal(undefined);
  const exposed: PageContainer["exposed"] = signal([]);
  let terminal: ContainerTerminal | undefined;
  let execs = 0;
  const processes = new Map<number, { print(text: string): void; end(code: number): void }>();
  const number = ++last;
  const container: PageContainer = {
    number,
    id: randomHex(6),
    name: name ?? `container-${number}`,
    title: [request.entrypoint, ...request.command].filter(Boolean).join(" "),
    image,
    request,
    since: Date.now(),
    state,
    output,
    screen,
    ports: computed(() => (state.value.kind === "running" ? created.value?.ports : undefined)),
    exposed,
    ended: firstValue(state, hasEnded),
    async exec(command, print) {
      const exec = ++execs;
      terminal?.send({ type: "exec", exec, command: [...command] });
      const { promise, resolve: end } = Promise.withResolvers<number>();
      processes.set(exec, { print, end });
      // The end of the container kills all its processes.
      const code = await Promise.race([promise, container.ended.then(() => 137)]);
      processes.delete(exec);
      return code;
    },
    stop() {
      if (state.peek().kind === "running") state.value = { kind: "stopping" };
      terminal?.send({ type: "stop" });
    },
    remove() {
      terminal?.close();
      screen.peek()?.dispose();
      containers.value = containers.peek().filter((one) => one !== container);
      if (shownContainer.peek() === number) shownContainer.value = containers.peek().at(-1)?.number;
    },
  };
  containers.value = [...containers.peek(), container];
  startedContainers.value = [...startedContainers.peek(), container].slice(-MAX_STARTED);
  shownContainer.value = number;
  const run = async () => {
    const { TerminalScreen } = await withRetries(() => import("./terminal-screen.ts"));
    const shown = new TerminalScreen({
      typed: (text) => terminal?.type(text),
      resized: (size) => terminal?.send({ type: "resize", ...size }),
    });
    screen.value = shown;
    const made = await createContainer(image, request, shown.size);
    created.value = made;
    // After an error, the form for a port shows its default.
    fetchExposedPorts(image).then(
      (ports) => {
        exposed.value = ports;
      },
      () => {},
    );
    terminal = new ContainerTerminal(location.origin, made, {
      message: (message) => receive(message),
      closed() {
        if (hasEnded(state.peek())) return;
        state.value = { kind: "failed", error: { title: messages.peek().lost }, isLost: true };
        announce(messages.peek().lost);
      },
    });
    const receive = (message: ToTerminal) => {
      switch (message.type) {
        case "waiting":
          state.value = { kind: "waiting" };
          break;
        case "started":
          state.value = { kind: "running" };
          terminal?.send({ type: "resize", ...shown.size });
          shown.focus();
          break;
        case "output": {
          output.value = (output.peek() + message.text).slice(-MAX_OUTPUT);
          const { mark } = message;
          shown.write(message.text, () => mark !== undefined && terminal?.send({ type: "ack", mark }));
          break;
        }
        case "exec-output":
          processes.get(message.exec)?.print(message.text);
          break;
        case "exec-exit":
          processes.get(message.exec)?.end(message.code);
          break;
        case "exit":
          state.value = { kind: "exited", code: message.code };
          announce(messages.peek().exited(message.code));
          break;
        case "failed":
          state.value = { kind: "failed", error: { title: messages.peek().failed, detail: message.message } };
      }
    };
  };
  run().catch((error: unknown) => {
    state.value = { kind: "failed", error };
  });
  return container;
}

async function fetchExposedPorts({ repository, digest }: RunImage): Promise<number[]> {
  const { config } = await imageClient.inspect({ name: repository, reference: digest });
  return Object.keys(config.ExposedPorts ?? {})
    .filter((port) => !port.endsWith("/udp"))
    .map((port) => Number.parseInt(port, 10));
}

async function createContainer(
  { repository, digest }: RunImage,
  request: RunRequest,
  size: TerminalSize,
): Promise<CreatedContainer> {
  const hasBinds = request.mounts.some(({ type }) => type === "bind");
  const context = hasBinds ? await uploadProject(repository) : undefined;
  const body = { ...request, workspace: workspaceId(), size, ...(context !== undefined && { context }) };
  return service.ask(`/v1/containers?${new URLSearchParams({ image: `${repository}@${digest}` })}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Uploads all files of the project, even ignored ones. @returns the digest of the context */
async function uploadProject(repository: string): Promise<string> {
  const everything = select(paths.peek(), pathJudge({ ignore: [] }));
  const context = await readContext(files.peek(), [...everything]);
  await uploadContext(service, repository, context, { compress: compressBlock });
  return context.digest;
}

/** Returns the id of this tab's workspace, whose containers share their volumes. It survives reloads. */
function workspaceId(): string {
  const id = tabValues.read("workspace") ?? randomHex(16);
  tabValues.store("workspace", id);
  return id;
}

function randomHex(bytes: number): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(bytes)));
}
