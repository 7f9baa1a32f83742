import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder for one test, deleted on disposal. */
export interface TemporaryFolder extends Disposable {
  path: string;
}

/** Contents by path: text or bytes of a file, `{ link }`, or `{ text, mode }`. A path that ends in `/` is a directory. */
export type Files = Record<string, string | Uint8Array | { link: string } | { text: string; mode: number }>;

/** Retries, because children of a stopped program may still be writing. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };

/** An old time, at which a scan of the folder does not expect further changes. */
const LONG_AGO = 1_600_000_000;

export function temporaryFolder(files: Files = {}): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "varve-test-")));
  write(path, files);
  return { path, [Symbol.dispose]: () => rmSync(path, REMOVAL) };
}

/** Writes files with an old modification time. */
export function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (name.endsWith("/")) continue;
    if (typeof content === "string" || content instanceof Uint8Array) writeFileSync(path, content);
    else if ("link" in content) symlinkSync(content.link, path);
    else {
      writeFileSync(path, content.text);
      chmodSync(path, content.mode);
    }
    lutimesSync(path, LONG_AGO, LONG_AGO);
  }
}
