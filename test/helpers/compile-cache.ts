import { tmpdir } from "node:os";
import { join } from "node:path";

// Node keeps the compiled code of the programs that tests start, so a start takes a quarter of the CPU time.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "varve-compile-cache");
