import { fileURLToPath } from "node:url";

/** The folder with the files of the playground: beside the command. */
export async function playgroundAssets(): Promise<string> {
  return fileURLToPath(new URL("./playground", import.meta.url).href);
}

/** The files of a package never change, so they are served without a copy. */
export const copyPlayground = playgroundAssets;
