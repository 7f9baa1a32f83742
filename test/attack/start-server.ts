import { join } from "node:path";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { ServeProcess } from "../serve/serve-process.ts";

/** A running `npm start`, with the folder of its state. */
export interface RunningServer extends AsyncDisposable {
  /** As `http://localhost:8787`. */
  url: string;
  port: number;
  /** `VARVE_DATA`. */
  data: string;
  process: ServeProcess;
}

/** Starts `npm start` on a free port, in an empty folder unless one is given, and waits until it is ready. */
export async function startServer(env: Record<string, string> = {}, folder?: string): Promise<RunningServer> {
  const own = folder === undefined ? temporaryFolder() : undefined;
  const data = folder ?? join(own?.path ?? "", "data");
  const process = new ServeProcess({ VARVE_DATA: data, ...env });
  const url = await process.ready();
  return {
    url,
    port: Number(new URL(url).port),
    data,
    process,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      own?.[Symbol.dispose]();
    },
  };
}
