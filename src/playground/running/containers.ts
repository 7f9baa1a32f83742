import { type Signal, signal } from "@preact/signals";
import type { CreatedContainer, TerminalSize, ToTerminal } from "../../../schemas/containers.ts";
import { ContainerTerminal } from "../../client/container-terminal.ts";
import { uploadContext } from "../../client/upload-context.ts";
import { pathJudge } from "../../context/context-view.ts";
import { persistently } from "../browser/persistently.ts";
import { keepInTab, keptInTab } from "../browser/tab-storage.ts";
import { compressBlock } from "../building/compress-block.ts";
import { readContext } from "../project/context.ts";
import { files, paths } from "../project/project.ts";
import { select } from "../project/selection.ts";
import { service } from "../service.ts";
import { announce } from "../ui/announce.tsx";
import { messages } from "./messages.ts";
import type { RunRequest } from "./run-options.ts";
import type { TerminalScreen } from "./terminal-screen.ts";

/** How far a container has come. */
export type ContainerState =
  | { kind: "starting" | "waiting" | "running" | "stopping" }
  | { kind: "exited"; code: number }
  | { kind: "failed"; error: unknown };

/** A container that was started in this tab. */
export interface PageContainer {
  readonly number: number;
  readonly title: string;
  readonly state: Signal<ContainerState>;
  /** Undefined until its code is loaded. */
  readonly screen: Signal<TerminalScreen | undefined>;
  stop(): void;
  /** Ends it, and takes it off the page. */
  remove(): void;
}

/** What an image is started by. */
export interface RunImage {
  repository: string;
  digest: string;
}

export const containers: Signal<readonly PageContainer[]> = signal([]);
export const shownContainer: Signal<number | undefined> = signal(undefined);

const usualSize: TerminalSize = { rows: 24, columns: 80 };
let last = 0;

export function isOver({ kind }: ContainerState): boolean {
  return kind === "exited" || kind === "failed";
}

/** Starts a container, and shows its terminal. */
export function startContainer(image: RunImage, request: RunRequest): PageContainer {
  const state: PageContainer["state"] = signal({ kind: "starting" });
  const screen: PageContainer["screen"] = signal(undefined);
  let terminal: ContainerTerminal | undefined;
  const number = ++last;
  const container: PageContainer = {
    number,
    title: [request.entrypoint, ...request.command].filter(Boolean).join(" "),
    state,
    screen,
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
  shownContainer.value = number;
  const run = async () => {
    const { TerminalScreen } = await persistently(() => import("./terminal-screen.ts"));
    const shown = new TerminalScreen({
      typed: (text) => terminal?.type(text),
      resized: (size) => terminal?.send({ type: "resize", ...size }),
    });
    screen.value = shown;
    const created = await create(image, request, shown.size);
    terminal = new ContainerTerminal(location.origin, created, {
      message: (message) => receive(message),
      closed() {
        if (!isOver(state.peek())) state.value = { kind: "failed", error: new Error(messages.peek().lost) };
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
          const { mark } = message;
          shown.write(message.text, () => mark !== undefined && terminal?.send({ type: "ack", mark }));
          break;
        }
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

async function create(
  { repository, digest }: RunImage,
  request: RunRequest,
  size: TerminalSize = usualSize,
): Promise<CreatedContainer> {
  const hasBinds = request.mounts.some(({ type }) => type === "bind");
  const context = hasBinds ? await sendProject(repository) : undefined;
  const body = { ...request, workspace: workspace(), size, ...(context !== undefined && { context }) };
  return service.ask(`/v1/containers?${new URLSearchParams({ image: `${repository}@${digest}` })}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Sends all files of the project as they are now. @returns the digest of the context */
async function sendProject(repository: string): Promise<string> {
  const everything = select(paths.peek(), pathJudge({ ignore: [] }));
  const context = await readContext(files.peek(), [...everything]);
  await uploadContext(service, repository, context, { compress: compressBlock });
  return context.digest;
}

/** The volumes of containers that are started in this tab are shared, reloads included. */
function workspace(): string {
  const kept = keptInTab("workspace");
  if (kept !== undefined) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  keepInTab("workspace", made);
  return made;
}
