import { formatPlatform, InvalidPlatformError, type Platform, parsePlatform } from "../oci/platform.ts";
import { BuildError } from "./errors.ts";

/** What can be annotated. The descriptor of an index is in an OCI layout only. */
const TYPES = ["manifest", "index", "manifest-descriptor", "index-descriptor"] as const;
type AnnotationType = (typeof TYPES)[number];

interface Annotation {
  type: AnnotationType;
  /** Formatted; for every platform when absent. */
  platform: string | undefined;
  name: string;
  value: string;
}

/** Types with or without a platform before a colon, as buildx has them, and a name. */
const FORM = /^((?:[a-z-]+(?:\[[A-Za-z0-9_/-]+\])?)(?:,[a-z-]+(?:\[[A-Za-z0-9_/-]+\])?)*:)?(\S+)$/;

/** The annotations that a build was asked for. */
export class Annotations {
  readonly #annotations: readonly Annotation[];

  /**
   * @param options name → value; types may stand before a name, as `index,manifest[linux/amd64]:`
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

  /** Some are of an index or of its descriptor. */
  get areOfIndex(): boolean {
    return this.#annotations.some(({ type }) => type === "index" || type === "index-descriptor");
  }

  /** Some are of an index or of a descriptor, which Docker's manifests have none of. */
  get needOciTypes(): boolean {
    return this.#annotations.some(({ type }) => type !== "manifest");
  }

  /** A platform that is annotated, and that is none of these. */
  unknownPlatform(platforms: readonly Platform[]): string | undefined {
    const known = new Set(platforms.map(formatPlatform));
    return this.#annotations.find(({ platform }) => platform !== undefined && !known.has(platform))?.platform;
  }

  /** Those of one type, for one platform; undefined when there are none, so that nothing is said. */
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
    throw invalid(key, `unknown annotation type "${type}": it is one of ${TYPES.join(", ")}`);
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
