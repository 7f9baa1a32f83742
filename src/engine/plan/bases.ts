import { DockerfileError } from "../../dockerfile/diagnostic.ts";
import type { Linter } from "../../dockerfile/lint/linter.ts";
import { suggest } from "../../dockerfile/suggest.ts";
import type { ImageConfig } from "../../oci/config.ts";
import { normalizePlatform, type Platform, samePlatform } from "../../oci/platform.ts";
import { formatReference, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { BuildError } from "../errors.ts";
import { checkReference } from "./build-graph.ts";
import type { PlannedImage } from "./build-plan.ts";
import { draftOf, emptyDraft, platformOf } from "./image-draft.ts";
import { limits } from "./limits.ts";
import type { NamedContext, NamedContexts } from "./named-context.ts";
import type { PlanImage, PlanLookups } from "./options.ts";
import { attachLines, PlanFault } from "./plan-error.ts";
import { formatWithOsOptions } from "./platform-text.ts";
import { Scope } from "./scope.ts";
import type { StageGraph, StageNode } from "./stage-graph.ts";
import type { Base } from "./stage-state.ts";
import type { FileState } from "./step.ts";
import { StepNames } from "./step-names.ts";

/** Settings for resolving bases. */
interface BaseSettings {
  readonly targetPlatform: Platform;
  readonly buildPlatform: Platform;
  /** No platform was requested: the image determines it. */
  readonly isImplicit: boolean;
  readonly isMultiPlatform: boolean;
  readonly contexts: NamedContexts;
  readonly linter: Linter;
  /** Undefined for offline planning: images are then treated as unknown. */
  readonly world: PlanLookups | undefined;
}

/** An image with its resolution, which is undefined in offline planning. */
interface FoundImage {
  readonly reference: string;
  readonly platform: Platform;
  readonly resolved: PlanImage | undefined;
  /** The named context that replaces it. */
  readonly context?: string;
}

/** Repositories to suggest for a misspelled name. */
const commonImages = ["alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora"];
const noVariables = new Scope();
const scratch: FileState = { kind: "scratch" };

/** Resolves the bases of stages and the images that instructions read, each once. */
export class Bases {
  readonly images: PlannedImage[] = [];
  readonly #settings: BaseSettings;
  readonly #graph: StageGraph;
  readonly #bases = new Map<StageNode, Base>();
  readonly #names = new Map<StageNode, StepNames>();
  readonly #requests = new Map<string, Promise<PlanImage | undefined>>();

  constructor(graph: StageGraph, settings: BaseSettings) {
    this.#graph = graph;
    this.#settings = settings;
  }

  /** The resolved base of a stage; undefined for a stage built on another one. */
  get(node: StageNode): Base | undefined {
    return this.#bases.get(node);
  }

  /**
   * Resolves the images of all nodes that need one, concurrently.
   * @throws {DockerfileError} for an invalid image name.
   * @throws {BuildError} when an image cannot be fetched.
   */
  async resolve(nodes: Iterable<StageNode>): Promise<void> {
    const pending = [...nodes].filter((node) => node.base === undefined && !this.#bases.has(node));
    const found = await Promise.all(pending.map((node) => this.#lookUp(node)));
    for (const [index, node] of pending.entries()) {
      const base = found[index] as Base | FoundImage;
      this.#bases.set(node, "reference" in base ? this.#baseOfImage(node, base) : base);
    }
  }

  /** The names of a stage's steps. A base image has the first number. */
  namesOf(node: StageNode): StepNames {
    let names = this.#names.get(node);
    if (names === undefined) {
      const platform = this.#settings.isMultiPlatform ? this.#platformOf(node) : undefined;
      names = new StepNames(node.displayName, stepCounter(node), platform);
      this.#names.set(node, names);
    }
    return names;
  }

  #platformOf(node: StageNode): Platform {
    const root = rootOf(node);
    return this.#bases.get(root)?.platform ?? root.platform ?? this.#settings.targetPlatform;
  }

  async #lookUp(node: StageNode): Promise<Base | FoundImage> {
    const { targetPlatform, contexts } = this.#settings;
    const platform = node.platform ?? targetPlatform;
    if (node.replacement !== undefined) return this.#replace(node.replacement, node, platform, "nothing");
    if (node.baseName === "scratch") {
      return { files: scratch, image: emptyDraft(targetPlatform), platform: targetPlatform, isKnown: true };
    }
    const reference = attachLines(node.lines, () => {
      checkReference(node.baseName);
      return formatReference(withDefaultTag(parseReference(node.baseName)));
    });
    const context = attachLines(node.lines, () =>
      contexts.find(reference, formatWithOsOptions(normalizePlatform(platform))),
    );
    if (context !== undefined) return this.#replace(context, node, platform, "empty image");
    return { reference, platform, resolved: await this.#resolveImage(reference, platform, node) };
  }

  /** @param otherwise the config of a named context that has none */
  async #replace(
    context: NamedContext,
    node: StageNode,
    platform: Platform,
    otherwise: "nothing" | "empty image",
  ): Promise<Base | FoundImage> {
    const image =
      otherwise === "empty image"
        ? emptyDraft(platform)
        : draftOf({ ...platform, config: {}, rootfs: { type: "layers", diff_ids: [] }, history: [] });
    if (context.kind === "files") {
      return { files: { kind: "context", name: context.name }, image, platform, isKnown: true };
    }
    if (context.reference === "scratch") return { files: scratch, image, platform, isKnown: true };
    const reference = attachLines(node.lines, () =>
      formatReference(withDefaultTag(parseReference(context.reference))),
    );
    return {
      reference,
      platform,
      context: context.name,
      resolved: await this.#resolveImage(reference, platform, node),
    };
  }

  async #resolveImage(
    reference: string,
    platform: Platform,
    node: StageNode,
  ): Promise<PlanImage | undefined> {
    const key = `${reference} ${formatWithOsOptions(platform)}`;
    const request = this.#requests.get(key) ?? this.#request(reference, platform, node);
    this.#requests.set(key, request);
    try {
      return await request;
    } catch (error) {
      if (!(error instanceof Error) || error instanceof DockerfileError || error.name === "AbortError")
        throw error;
      if (error instanceof BuildError && error.code === "cancelled") throw error;
      const own = await this.#settings.world?.findOwnName?.(reference, platform).catch(() => undefined);
      const near = own === undefined ? this.#nearName(node.baseName) : undefined;
      const message =
        `${node.baseName}: failed to resolve source metadata for ${reference}: ${error.message}` +
        (near === undefined ? "" : ` (did you mean ${near}?)`);
      const known = error instanceof BuildError ? error : undefined;
      const hint = near === undefined ? known?.hint : `did you mean ${near}?`;
      throw new BuildError("base-unavailable", message, {
        lines: node.lines,
        cause: error,
        hint: own === undefined ? hint : `This server has an image of this name. To use it, write ${own}.`,
        registry: known?.registry,
      }).about(node.baseName);
    }
  }

  #nearName(name: string): string | undefined {
    const common = commonImages.flatMap((image) => [image, `${image}:latest`]);
    return suggest(name, [...this.#graph.names(), ...common]);
  }

  async #request(reference: string, platform: Platform, node: StageNode): Promise<PlanImage | undefined> {
    if (this.#requests.size === limits.images) {
      throw new PlanFault("plan/too-large", `The Dockerfile names more than ${limits.images} images`).at(
        node.lines,
      );
    }
    return this.#settings.world?.resolveImage(reference, platform);
  }

  #baseOfImage(node: StageNode, found: FoundImage): Base {
    const { resolved } = found;
    const { isImplicit, buildPlatform, linter } = this.#settings;
    if (resolved === undefined) return this.#unknownBase(node, found);
    const { config } = resolved;
    const actual = platformOf(config);
    const isBuildPlatform =
      actual.os === buildPlatform.os && actual.architecture === buildPlatform.architecture;
    const platform =
      isImplicit && node.platform === undefined && isBuildPlatform ? buildPlatform : found.platform;
    const hasLayers = config.rootfs.diff_ids.length > 0 || config.history.some((entry) => !entry.empty_layer);
    const base: Base = {
      files: hasLayers ? { kind: "image", image: this.#indexOf(found) } : scratch,
      image: draftOf(config),
      platform: node.replacement === undefined ? platform : actual,
      isKnown: true,
    };
    // The displayed name includes the platform of the base.
    this.#bases.set(node, base);
    this.#addImage(node, found, resolved, hasLayers);
    if (found.context === undefined && hasLayers && !sameSystem(platform, actual)) {
      const [expected, given] = [platform, actual].map((one) => formatWithOsOptions(normalizePlatform(one)));
      linter.warn("InvalidBaseImagePlatform", node.lines, node.baseName, expected ?? "", given ?? "");
    }
    return base;
  }

  /** The base for an image that was not resolved, and whose config is therefore unknown. */
  #unknownBase(node: StageNode, found: FoundImage): Base {
    const { platform } = found;
    const isOnline = this.#settings.world !== undefined;
    const files: FileState = isOnline ? { kind: "image", image: this.#indexOf(found) } : scratch;
    const base: Base = { files, image: emptyDraft(platform), platform, isKnown: false };
    this.#bases.set(node, base);
    const config: ImageConfig = {
      ...platform,
      config: {},
      rootfs: { type: "layers", diff_ids: [] },
      history: [],
    };
    if (isOnline) this.#addImage(node, found, { digest: "", config, platform }, true);
    return base;
  }

  #indexOf({ reference, platform }: FoundImage): number {
    const index = this.images.findIndex(
      (image) => image.reference === reference && samePlatform(image.platform, platform),
    );
    return index < 0 ? this.images.length : index;
  }

  #addImage(node: StageNode, found: FoundImage, { digest, config }: PlanImage, hasLayers: boolean): void {
    const { reference, platform } = found;
    const name = this.#nameOf(node, found, digest, hasLayers);
    if (this.#indexOf(found) < this.images.length) return;
    this.images.push({ reference, platform, digest, config, name, lines: node.lines });
  }

  #nameOf(node: StageNode, { reference, context }: FoundImage, digest: string, hasLayers: boolean): string {
    if (context !== undefined) return `[context ${context}] ${reference}`;
    const name = `FROM ${digest === "" || reference.includes("@") ? reference : `${reference}@${digest}`}`;
    return hasLayers ? this.namesOf(node).next(name, noVariables) : name;
  }
}

/** The stage at the start of a chain of stages. */
function rootOf(node: StageNode): StageNode {
  let root = node;
  while (root.base !== undefined) root = root.base;
  return root;
}

const counted: ReadonlySet<string> = new Set(["ADD", "COPY", "RUN", "WORKDIR"]);

/** Counts the steps of a stage; repeats the count only when triggers were added. */
function stepCounter(node: StageNode): () => number {
  let commands = -1;
  let steps = 0;
  return () => {
    if (commands !== node.commands.length) steps = countSteps(node);
    commands = node.commands.length;
    return steps;
  };
}

/** The number of steps that step names show: the image, instructions that may create a layer, and every trigger. */
function countSteps(node: StageNode): number {
  if (node.stage === undefined || node.replacement !== undefined) return 0;
  const image = node.base === undefined && node.baseName !== "scratch" ? 1 : 0;
  return (
    image +
    node.commands.filter(({ isTrigger, instruction }) => isTrigger || counted.has(instruction.kind)).length
  );
}

function sameSystem(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture;
}
