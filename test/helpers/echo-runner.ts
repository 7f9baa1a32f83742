import type { RunExecutor, RunWork } from "../../src/engine/run/run-executor.ts";
import { tree } from "./tree.ts";

/** Stands for runners: of a command it carries out each `echo text > /file`, and nothing else. */
export class EchoRunner implements RunExecutor {
  /** What it was asked, in order. */
  readonly works: RunWork[] = [];

  async carryOut(work: RunWork) {
    this.works.push(work);
    const written = work.args.join(" ").matchAll(/echo +(.*?) *> *\/(\S+)/g);
    const files = [...written].map(([, text = "", path = ""]) => [path, `${text}\n`]);
    return { tree: tree(Object.fromEntries(files)), isConfined: false, close: async () => {} };
  }
}
