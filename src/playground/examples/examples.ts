import { BASE_IMAGE } from "../../registry/base-image.ts";
import { hasBaseImage } from "../lessons/base-image.ts";
import { openProject } from "../project/project.ts";
import { textFile } from "../project/project-file.ts";
import { type ExampleId, exampleProjectId } from "./example-ids.ts";

type Load = () => Promise<string>;

/** Loaders by path: the files of this folder, and the repository's examples, which are tested with real builds. */
const sources: Readonly<Record<string, Load>> = {
  ...import.meta.glob<string>("./*/**/*", { query: "?raw", import: "default", exhaustive: true }),
  ...import.meta.glob<string>(["../../../examples/{node,go,python}/**/*"], {
    query: "?raw",
    import: "default",
    exhaustive: true,
  }),
};

/** Placeholder for an image with a shell. */
const BASE = "{base}";

/** Returns the base image of the server, or busybox of Docker Hub if the server has none. */
async function baseName(): Promise<string> {
  const hasBase = await hasBaseImage().catch(() => false);
  return hasBase ? `${location.host}/${BASE_IMAGE}` : "busybox";
}

/** Opens an example. @param name its name in the language of the page */
export async function openExample(id: ExampleId, name: string): Promise<void> {
  const loads = Object.entries(sources).flatMap(([source, load]) => {
    const [, path] = source.split(`/${id}/`, 2);
    return path === undefined ? [] : [{ path, load }];
  });
  const loaded = await Promise.all(loads.map(async ({ path, load }) => [path, await load()] as const));
  const needsBase = loaded.some(([, text]) => text.includes(BASE));
  const base = needsBase ? await baseName() : "";
  const texts = loaded.map(([path, text]) => [path, text.replaceAll(BASE, base)] as const);
  await openProject(new Map(texts.map(([path, text]) => [path, textFile(text)])), {
    id: exampleProjectId(id),
    name,
    tag: id === "site" ? "hello" : id,
  });
}
