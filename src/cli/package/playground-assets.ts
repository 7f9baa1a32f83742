import { fileURLToPath } from "node:url";

/** The folder with the files of the playground: beside the command. */
export async function playgroundAssets(): Promise<string> {
  return fileURLToPath(new URL("./playground", import.meta.url).href);
}
