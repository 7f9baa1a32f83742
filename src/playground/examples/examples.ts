import { BASE_IMAGE } from "../../registry/base-image.ts";
import { hasBaseImage } from "../lessons/base-image.ts";
import { openProject } from "../project/project.ts";
import { textFile } from "../project/project-file.ts";
import { type ExampleId, exampleProjectId } from "./example-ids.ts";

type Load = () => Promise<string>;

/** Loaders of files by path: examples of this folder, and of the repository's `examples`, which tests build. */
const sources: Readonly<Record<string, Load>> = {
  ...import.meta.glob<string>("./*/**/*", { query: "?raw", import: "default", exhaustive: true }),
  ...import.meta.glob<string>(["../../../examples/{node,go,python}/**/*"], {
    query: "?raw",
    import: "default",
    exhaustive: true,
  }),
};

/** Placeholder for the name of an image with a shell. */
const BASE = "{base}";

/** Returns the name of the server's base image, or busybox of Docker Hub if the server has none. */
async function chooseBase(): Promise<string> {
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
  const base = needsBase ? await chooseBase() : "";
  const texts = loaded.map(([path, text]) => [path, text.replaceAll(BASE, base)] as const);
  await openProject(new Map(texts.map(([path, text]) => [path, textFile(text)])), {
    id: exampleProjectId(id),
    name,
    tag: id === "site" ? "hello" : id,
  });
}
