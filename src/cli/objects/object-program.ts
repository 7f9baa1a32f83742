import { diskStore } from "./disk-store.ts";
import { serveObjects } from "./serve-objects.ts";
import { folder, serveThread } from "./serve-thread.ts";

// Serves the objects of a folder. Bytes that pass through make the small heap of this thread collect garbage, and not the
// large one of the process.

const store = diskStore(folder);
await serveThread(serveObjects(store), () => store.close());
