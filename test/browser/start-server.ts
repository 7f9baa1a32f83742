import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ServeProcess } from "../serve/serve-process.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of a server that was started like `npm start` starts it. */
    url: string;
  }
}

/** Starts the server that all files of the suite use. */
export default async function startServer(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "varve-browser-"));
  const server = new ServeProcess({ PORT: "0", VARVE_DATA: join(folder, "data") });
  project.provide("url", await server.ready());
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  };
}
