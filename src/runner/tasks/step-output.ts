import { isFullNow } from "../files/disk.ts";
import type { Log } from "./runner-context.ts";

/**
 * The output of a step. Holds it back while the disk is full, because the databases of the server that stores it may be on the
 * same disk, and removing the files of the step makes space.
 */
export class StepOutput {
  readonly #log: Log;
  readonly #folder: string;
  #held: Parameters<Log>[] = [];

  /** @param folder a folder on the disk that the step writes to */
  constructor(log: Log, folder: string) {
    this.#log = log;
    this.#folder = folder;
  }

  readonly log: Log = (stream, text) => {
    if (isFullNow(this.#folder)) {
      this.#held.push([stream, text]);
      return undefined;
    }
    this.flush();
    return this.#log(stream, text);
  };

  /** Sends the output that was held back. */
  flush(): void {
    for (const [stream, text] of this.#held) void this.#log(stream, text);
    this.#held = [];
  }
}
