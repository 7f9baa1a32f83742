import { diskStore } from "./disk-store.ts";
import { serveLayers } from "./serve-layers.ts";
import { folder, serveThread } from "./serve-thread.ts";

// Writes layers to the objects of a folder, beside the program that serves them.

const store = diskStore(folder, { isShared: true });
await serveThread(serveLayers(store), () => store.close());
