import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another program uses the folder. */
class ObjectsInUseError extends Error {
  override name = "ObjectsInUseError";
}

/** `SQLITE_BUSY` */
const BUSY = 5;

/** A lock of a folder of objects for one program. The kernel releases it when the program ends. */
export class FolderLock {
  readonly #database: DatabaseSync;

  /** @throws {ObjectsInUseError} */
  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, "lock.sqlite"));
    try {
      this.#database.exec(
        "PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT",
      );
    } catch (cause) {
      this.#database.close();
      if ((cause as { errcode?: number }).errcode !== BUSY) throw cause;
      throw new ObjectsInUseError(`Another program uses ${folder}`, { cause });
    }
  }

  release(): void {
    this.#database.close();
  }
}
