import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskStore } from "../../../src/cli/objects/disk-store.ts";
import { objectStoreSuite } from "../../store/object-store.suite.ts";

objectStoreSuite("on disk", async () => diskStore(mkdtempSync(join(tmpdir(), "varve-objects-"))));
