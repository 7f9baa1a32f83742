import { InvalidReferenceError } from "../../oci/reference.ts";
import { readRepository } from "../../registry/names.ts";

/** Subresources of an image. */
const ACTIONS = ["history", "files", "archive", "efficiency", "tags"] as const;
type ImageAction = (typeof ACTIONS)[number];
/** Separates the two images of a comparison. */
const COMPARE = "/compare/";

/** A parsed path below `/v1/images/`. */
export interface ImagePath {
  /** Repository, in the form of `registry/names.ts`. */
  name: string;
  /** Tag or digest. */
  reference: string;
  action: ImageAction | "inspect" | "compare";
  /** The other image of a comparison; of the same repository when it has no slash. */
  other?: { name: string; reference: string };
}

/**
 * Parses `<name>/<reference>`, `<name>/<reference>/<action>` and `<name>/<reference>/compare/<other>`; undefined for
 * other paths. An image whose tag is the name of an action can only be read by its digest.
 */
export function parseImagePath(path: string, own: string): ImagePath | undefined {
  let text: string;
  try {
    text = decodeURIComponent(path).replace(/^\/|\/$/g, "");
  } catch {
    return undefined;
  }
  const compared = text.indexOf(COMPARE, 1);
  if (compared !== -1 && compared + COMPARE.length < text.length) {
    const first = text.slice(0, compared);
    const second = text.slice(compared + COMPARE.length);
    const image = split(first, own);
    const other =
      image && (second.includes("/") ? split(second, own) : { name: image.name, reference: second });
    if (image !== undefined && other !== undefined) return { ...image, action: "compare", other };
  }
  const slash = text.lastIndexOf("/");
  const action = ACTIONS.find((name) => name === text.slice(slash + 1));
  const acted = action && split(text.slice(0, slash), own);
  if (action !== undefined && acted !== undefined) return { ...acted, action };
  const image = split(text, own);
  return image && { ...image, action: "inspect" };
}

function split(text: string, own: string): { name: string; reference: string } | undefined {
  const slash = text.lastIndexOf("/");
  const [name, reference] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (name === "" || reference === "") return undefined;
  try {
    return { name: readRepository(name, own), reference };
  } catch (error) {
    if (error instanceof InvalidReferenceError) return undefined;
    throw error;
  }
}
