import { openProject } from "../project/project.ts";
import { textFile } from "../project/project-file.ts";
import { type ExampleId, exampleProjectId } from "./example-ids.ts";

type Load = () => Promise<string>;

/** Files by path: those of this folder, and of the examples of the repository, which are tested with real builds. */
const sources: Readonly<Record<string, Load>> = {
  ...import.meta.glob<string>("./*/**/*", { query: "?raw", import: "default", exhaustive: true }),
  ...import.meta.glob<string>(["../../../examples/{node,go,python}/**/*"], {
    query: "?raw",
    import: "default",
    exhaustive: true,
  }),
};

/** Opens an example as the project. @param name as the page names it */
export async function openExample(id: ExampleId, name: string): Promise<void> {
  const loads = Object.entries(sources).flatMap(([source, load]) => {
    const [, path] = source.split(`/${id}/`, 2);
    return path === undefined ? [] : [{ path, load }];
  });
  const texts = await Promise.all(loads.map(async ({ path, load }) => [path, await load()] as const));
  await openProject(new Map(texts.map(([path, text]) => [path, textFile(text)])), {
    id: exampleProjectId(id),
    name,
    tag: id === "site" ? "hello" : id,
  });
}
