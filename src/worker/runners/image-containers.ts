import { Hono } from "hono";
import {
  type ContainerRequest,
  type CreatedContainer,
  containerRequest,
} from "../../../schemas/containers.ts";
import type { ContainerTask, Job, JobTree } from "../../../schemas/runner.ts";
import { ContextScope } from "../../context/scope.ts";
import { type Image, openImage } from "../../images/image.ts";
import type { ContainerConfig } from "../../oci/config.ts";
import { imageVolumes, normalPath, processWords } from "../../oci/run-config.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { cut } from "../../streams/cut.ts";
import { sha256, sha256Hex } from "../../streams/sha256.ts";
import { clientAddress } from "../access/client-address.ts";
import { unknownContext } from "../contexts/routes.ts";
import type { App } from "../environment.ts";
import { parseRequestJson } from "../http/parse-json.ts";
import { ProblemError } from "../http/problem.ts";
import { readRequestText } from "../http/request-body.ts";
import { readImage } from "../images/archive.ts";
import { runnersOfJob } from "../jobs/job-token.ts";
import { storeOf } from "../store.ts";
import { servePort } from "./container-ports.ts";
import { idIn, poolFor } from "./pools.ts";
import { portsPath } from "./port-path.ts";
import { randomToken } from "./runner-tokens.ts";
import { runnersOf, terminalHeader } from "./runners-service.ts";
import { MAX_INPUT } from "./sent-input.ts";
import type { ContainerRefusal } from "./terminals.ts";

/** Time after which a container is stopped, in seconds. */
const LIFETIME_S = 30 * 60;
const MAX_REQUEST = 1024 * 1024;
/** Limits of a container: memory in bytes, processes, and characters of output and input that are buffered. */
const limits = { memory: 512 * 2 ** 20, pids: 256, window: 256 * 1024, input: MAX_INPUT };
/** Directories that the container runtime mounts. */
const ofRuntime = ["/proc", "/sys", "/dev"];

/** The context of bind mounts. */
type BoundContext = Pick<Extract<JobTree, { context: string }>, "context" | "copy">;

/** `/v1/containers`: containers that callers start from images of this server. */
export const imageContainers = new Hono<App>();

// POST /v1/containers?image=<reference>: creates a container, which starts when its terminal is opened.
imageContainers.post("/", async (c) => {
  const url = new URL(c.req.url);
  const store = storeOf(c.env);
  const { name, reference } = readImage(c.req.query("image") ?? "", url.host);
  const request = containerRequest.parse(parseRequestJson(await readRequestText(c.req.raw, MAX_REQUEST)));
  const image = await openImage(store, name, reference, c.req.query("platform"));
  // A manifest may refer to non-distributable layers that its repository does not have.
  for (const { digest } of image.manifest.layers) await new StoreRegistry(store).resolveBlob(name, digest);
  let context: BoundContext | undefined;
  if (request.mounts.some(({ type }) => type === "bind")) {
    // Only callers with the build right may read the repository's contexts.
    c.var.access.require({ right: "build", repositories: [name] });
    context = await requireContext(store, name, request.context);
  }
  const pool = poolFor([name], c.env);
  const id = idIn(pool, `container-${crypto.randomUUID()}`);
  const job: Job = {
    id,
    token: randomToken(),
    build: id,
    platform: image.platform,
    timeoutSeconds: LIFETIME_S,
    task: taskOf(image, request, context),
  };
  const token = randomToken();
  const owner = { build: id, repositories: [name], scope: name, only: false, server: url.origin };
  const client = sha256(clientAddress(c.req.raw.headers, c.env));
  const portToken = randomToken();
  const refusal = await runnersOf(c.env, pool).startContainer(job, owner, client, {
    terminal: token,
    ports: portToken,
  });
  if (refusal !== undefined) throw refusalError(refusal, image.platform);
  return c.json(
    { id, token, ports: portsPath(id, portToken), seconds: LIFETIME_S, limits } satisfies CreatedContainer,
    201,
  );
});

// GET /v1/containers/<id>, as a WebSocket: the terminal of a container.
imageContainers.get("/:id", async (c) => {
  const offered = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket" || !offered.includes("varve.terminal")) {
    throw new ProblemError("protocol-unknown", {
      detail: "Cannot open a terminal without a WebSocket of the protocol varve.terminal",
    });
  }
  const token = offered.find((name) => name.startsWith("token."))?.slice("token.".length) ?? "";
  const headers = {
    upgrade: "websocket",
    [terminalHeader]: JSON.stringify({ id: c.req.param("id"), token }),
  };
  const response = await runnersOfJob(c.env, c.req.param("id"))?.fetch(
    new Request("http://runners/", { headers }),
  );
  if (response?.status === 101) return response;
  throw new ProblemError("terminal-denied", {
    detail: "Cannot open the terminal: its token is invalid or was used, or the container has ended",
  });
});

// /v1/containers/<id>/ports/<token>/<port>/…: proxies to a port of the container.
imageContainers.on(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], "/:id/ports/*", servePort);

function taskOf(image: Image, request: ContainerRequest, context: BoundContext | undefined): ContainerTask {
  const { manifest, config } = image;
  const { diff_ids } = config.rootfs;
  const args = processWords(config.config, { entrypoint: request.entrypoint, words: request.command });
  if (args.length === 0) {
    throw new ProblemError("invalid-request", {
      title: "No command",
      detail:
        "Cannot start a container: the image has no ENTRYPOINT and no CMD, and the request has no command",
      hint: "Add a command, such as sh.",
    });
  }
  return {
    kind: "container",
    layers: manifest.layers.map(({ mediaType, digest, size }, index) => ({
      mediaType,
      digest,
      size,
      diffId: diff_ids[index] ?? "",
    })),
    args,
    env: environmentOf(config.config, request.env),
    workdir: normalPath(request.workdir ?? config.config.WorkingDir ?? "/"),
    user: request.user ?? config.config.User ?? "",
    mounts: mountsOf(config.config, request, context),
    readonly: request.readonly,
    workspace: sha256Hex(request.workspace),
    ...(config.config.StopSignal && { stopSignal: config.config.StopSignal }),
    size: request.size,
  };
}

function environmentOf(config: ContainerConfig, given: readonly string[]): [string, string][] {
  const all = new Map<string, string>();
  for (const line of [...(config.Env ?? []), ...given]) {
    const [name, value] = cut(line, "=");
    if (name !== "" && value !== undefined) all.set(name, value);
  }
  return [...all];
}

function mountsOf(
  config: ContainerConfig,
  { mounts }: ContainerRequest,
  context: BoundContext | undefined,
): ContainerTask["mounts"] {
  const given = mounts.map((mount): ContainerTask["mounts"][number] => {
    const placed = { ...mount, target: normalPath(mount.target) };
    return placed.type === "bind" ? { ...placed, from: { context: "", ...context, ignore: [] } } : placed;
  });
  const ofImage = imageVolumes(config, new Set(given.map(({ target }) => target)));
  const all = [...given, ...ofImage.map((target) => ({ type: "volume" as const, target, readonly: false }))];
  for (const { target } of all) requireMountable(target);
  return all;
}

function requireMountable(target: string): void {
  const isOfRuntime = ofRuntime.some((path) => target === path || target.startsWith(`${path}/`));
  if (target !== "/" && (!isOfRuntime || target === "/dev/shm")) return;
  throw new ProblemError("invalid-request", {
    title: "Invalid mount target",
    detail: `Cannot mount on ${JSON.stringify(target)}: the container needs its current contents`,
  });
}

/** The context of the bind mounts. @throws {ProblemError} */
async function requireContext(
  store: ObjectStore,
  name: string,
  digest: string | undefined,
): Promise<BoundContext> {
  const scope = new ContextScope(store, name);
  if (digest === undefined || !(await scope.hasContext(digest))) throw unknownContext(digest ?? "");
  const copy = await scope.copyOf(digest);
  return { context: digest, ...(copy !== undefined && { copy }) };
}

function refusalError(refusal: ContainerRefusal, platform: string): ProblemError {
  if (refusal === "too-many") {
    return new ProblemError("too-many-containers", {
      detail: "Cannot start another container: the limit of running containers is reached",
      hint: "Stop one.",
    });
  }
  return new ProblemError("runner-missing", {
    detail: `Cannot start a container for ${platform}: no runner that starts containers for it is connected`,
    hint: "Start one on a Linux machine: varve runner --server <URL of this server>",
  });
}
