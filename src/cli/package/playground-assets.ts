import { fileURLToPath } from "node:url";

/** The folder with the files of the playground: beside the command. */
export async function playgroundAssets(): Promise<string> {
  return fileURLToPath(new URL("./playground", import.meta.url).href);
}

/** Nobody builds the playground of a package anew, so it is served from where it is. */
export const copyPlayground = playgroundAssets;
