import type { ObjectStore } from "../../src/store/object-store.ts";
import { MemoryRunner } from "./memory-runner.ts";
import { tree } from "./tree.ts";

/** A runner that executes only the parts `echo text > /file` of each command. */
export function echoRunner(store: ObjectStore): MemoryRunner {
  return new MemoryRunner(store, ({ args }) => {
    const written = args.join(" ").matchAll(/echo +(.*?) *> *\/(\S+)/g);
    return tree(Object.fromEntries([...written].map(([, text = "", path = ""]) => [path, `${text}\n`])));
  });
}
