import { formatPlatform, InvalidPlatformError, type Platform, parsePlatform } from "../oci/platform.ts";
import { BuildError } from "./errors.ts";

/** The objects that an annotation can belong to. Only an OCI layout contains the descriptor of an index. */
const TYPES = ["manifest", "index", "manifest-descriptor", "index-descriptor"] as const;
type AnnotationType = (typeof TYPES)[number];

interface Annotation {
  type: AnnotationType;
  /** A formatted platform; undefined means every platform. */
  platform: string | undefined;
  name: string;
  value: string;
}

/**
 * The key of an annotation as buildx writes it: optional types, each with an optional platform, a colon, and a name.
 */
const FORM = /^((?:[a-z-]+(?:\[[A-Za-z0-9_/-]+\])?)(?:,[a-z-]+(?:\[[A-Za-z0-9_/-]+\])?)*:)?(\S+)$/;

/** The annotations that a build requests. */
export class Annotations {
  readonly #annotations: readonly Annotation[];

  /**
   * @param options name → value; a name can have a prefix of types, as in `index,manifest[linux/amd64]:`
   * @throws {BuildError} `annotation-invalid`
   */
  constructor(options: Readonly<Record<string, string>>) {
    this.#annotations = Object.entries(options).flatMap(([key, value]) => {
      const [, types, name] = FORM.exec(key) ?? [];
      if (name === undefined) throw invalid(key, "it has white space in its name, or none");
      return (types ?? "manifest:")
        .slice(0, -1)
        .split(",")
        .map((type) => ({ ...readType(type, key), name, value }));
    });
  }

  /** Whether any annotation is for an index or its descriptor. */
  get areOfIndex(): boolean {
    return this.#annotations.some(({ type }) => type === "index" || type === "index-descriptor");
  }

  /** Whether any annotation needs OCI media types: Docker's formats have no index and no descriptor annotations. */
  get needOciTypes(): boolean {
    return this.#annotations.some(({ type }) => type !== "manifest");
  }

  /** The first annotated platform that is not in `platforms`. */
  unknownPlatform(platforms: readonly Platform[]): string | undefined {
    const known = new Set(platforms.map(formatPlatform));
    return this.#annotations.find(({ platform }) => platform !== undefined && !known.has(platform))?.platform;
  }

  /** The annotations of one type for one platform; undefined when there are none. */
  of(type: AnnotationType, platform?: Platform): Record<string, string> | undefined {
    const wanted = platform && formatPlatform(platform);
    const found = this.#annotations.filter(
      (annotation) => annotation.type === type && (annotation.platform ?? wanted) === wanted,
    );
    return found.length === 0 ? undefined : Object.fromEntries(found.map(({ name, value }) => [name, value]));
  }
}

function readType(text: string, key: string): Pick<Annotation, "type" | "platform"> {
  const bracket = text.indexOf("[");
  const type = bracket < 0 ? text : text.slice(0, bracket);
  if (!isType(type))
    throw invalid(key, `unknown annotation type "${type}": it must be one of ${TYPES.join(", ")}`);
  return { type, platform: bracket < 0 ? undefined : readPlatform(text.slice(bracket + 1, -1), key) };
}

function readPlatform(text: string, key: string): string {
  try {
    return formatPlatform(parsePlatform(text));
  } catch (error) {
    if (error instanceof InvalidPlatformError) throw invalid(key, error.message);
    throw error;
  }
}

function isType(text: string): text is AnnotationType {
  return (TYPES as readonly string[]).includes(text);
}

function invalid(key: string, why: string): BuildError {
  return new BuildError("annotation-invalid", `invalid annotation "${key}": ${why}`);
}
