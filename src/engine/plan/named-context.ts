import { familiarReference, InvalidReferenceError, parseReference } from "../../oci/reference.ts";
import { cut } from "../../streams/cut.ts";
import { PlanFault } from "./plan-error.ts";

/** The value of `--build-context name=value`. */
export type NamedContext =
  /** An image: `docker-image://<reference>`; the reference `scratch` means an empty tree. */
  | { readonly kind: "image"; readonly reference: string; readonly name: string }
  /** Uploaded files, with the name of the context. */
  | { readonly kind: "files"; readonly name: string };

const digest = /^sha256:[0-9a-f]{64}$/;

/**
 * Named contexts by `name`, or by `name::os/architecture` for one platform. A value is `docker-image://<reference>` or
 * the digest of uploaded files.
 */
export class NamedContexts {
  #values = new Map<string, { name: string; value: string }>();

  constructor(values: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of values) this.#values.set(name.toLowerCase(), { name, value });
  }

  /**
   * The context that overrides a stage or image of this name. `scratch` and `context` cannot be overridden.
   * @param platform platform of the stage, formatted.
   * @throws {PlanFault} for an invalid image name, or a value of unknown form.
   */
  find(name: string, platform: string): NamedContext | undefined {
    if (/^(scratch|context)$/i.test(name)) return undefined;
    const short = shortName(name);
    const found = this.#values.get(`${short}::${platform}`) ?? this.#values.get(short);
    return found && read(found.name, found.value);
  }
}

function shortName(name: string): string {
  try {
    return familiarReference(parseReference(name)).replace(/:latest$/, "");
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    throw new PlanFault("plan/named-context", `invalid context name ${name}: ${error.message}`);
  }
}

function read(name: string, value: string): NamedContext {
  if (digest.test(value)) return { kind: "files", name };
  const [scheme, place] = cut(value, ":");
  if (place === undefined)
    throw new PlanFault("plan/named-context", `invalid context specifier ${value} for ${name}`);
  if (scheme === "docker-image") {
    const reference = place.replace(/^\/\//, "");
    checkImage(reference, name);
    return { kind: "image", reference, name };
  }
  throw new PlanFault("plan/named-context", `unsupported context source ${scheme} for ${name}`);
}

function checkImage(reference: string, name: string): void {
  try {
    parseReference(reference);
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error;
    throw new PlanFault("plan/named-context", `invalid image ${reference} for ${name}: ${error.message}`);
  }
}
