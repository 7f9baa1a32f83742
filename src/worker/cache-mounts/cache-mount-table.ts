import type { CacheSharing } from "../../../schemas/cache-mount.ts";

/** Maximum number of caches of a key. */
const MAX_SLOTS = 16;

/** One of the caches of a key. Only private mounts have more than one. */
type SlotRow = {
  slot: number;
  generation: number;
  /** Key of the object with the state; null when there is none. */
  state: string | null;
  /** In milliseconds since 1970. */
  used: number;
};

type LeaseRow = {
  /** SHA-256 of the lease. */
  lease: string;
  slot: number;
  exclusive: number;
  until: number;
};

/** The caches of one key: their leases and stored packs. */
export class CacheMountTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS slots (
      slot INTEGER PRIMARY KEY, generation INTEGER NOT NULL, state TEXT, used INTEGER NOT NULL)`);
    sql.exec(`CREATE TABLE IF NOT EXISTS leases (
      lease TEXT PRIMARY KEY, slot INTEGER NOT NULL, exclusive INTEGER NOT NULL, until INTEGER NOT NULL)`);
    // `lease`: the owner of the pack until a state contains it.
    sql.exec(`CREATE TABLE IF NOT EXISTS packs (
      id TEXT PRIMARY KEY, slot INTEGER NOT NULL, bytes INTEGER NOT NULL, lease TEXT)`);
  }

  slot(slot: number): SlotRow {
    const [row] = this.#sql.exec<SlotRow>("SELECT * FROM slots WHERE slot = ?", slot).toArray();
    return row ?? { slot, generation: 0, state: null, used: Date.now() };
  }

  slots(): SlotRow[] {
    return this.#sql.exec<SlotRow>("SELECT * FROM slots").toArray();
  }

  keepSlot({ slot, generation, state, used }: SlotRow): void {
    this.#sql.exec("INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?)", slot, generation, state, used);
  }

  removeSlot(slot: number): void {
    this.#sql.exec("DELETE FROM slots WHERE slot = ?", slot);
  }

  /** The slot that a mount can use now; undefined when it must wait. */
  freeSlot(sharing: CacheSharing): number | undefined {
    const users = new Map<number, "shared" | "alone">();
    for (const { slot, exclusive } of this.leases()) users.set(slot, exclusive ? "alone" : "shared");
    for (let slot = 0; slot < (sharing === "private" ? MAX_SLOTS : 1); slot++) {
      const use = users.get(slot);
      if (use === undefined || (use === "shared" && sharing === "shared")) return slot;
    }
    return undefined;
  }

  addLease(row: Omit<LeaseRow, "exclusive">, sharing: CacheSharing): void {
    const { lease, slot, until } = row;
    this.#sql.exec(
      "INSERT INTO leases VALUES (?, ?, ?, ?)",
      lease,
      slot,
      sharing === "shared" ? 0 : 1,
      until,
    );
  }

  lease(lease: string): LeaseRow | undefined {
    return this.leases().find((row) => row.lease === lease);
  }

  /** Active leases. */
  leases(): LeaseRow[] {
    return this.#sql.exec<LeaseRow>("SELECT * FROM leases WHERE until > ?", Date.now()).toArray();
  }

  renewLease(lease: string, until: number): void {
    this.#sql.exec("UPDATE leases SET until = ? WHERE lease = ?", until, lease);
  }

  removeLease(lease: string): void {
    this.#sql.exec("DELETE FROM leases WHERE lease = ?", lease);
  }

  removeEndedLeases(): void {
    this.#sql.exec("DELETE FROM leases WHERE until <= ?", Date.now());
  }

  /** Returns false when the id exists. */
  addPack(id: string, slot: number, bytes: number, lease: string): boolean {
    const { rowsWritten } = this.#sql.exec(
      "INSERT OR IGNORE INTO packs VALUES (?, ?, ?, ?)",
      id,
      slot,
      bytes,
      lease,
    );
    return rowsWritten > 0;
  }

  /** Bytes of packs, by id. */
  packs(slot: number): Map<string, number> {
    const rows = this.#sql.exec<{ id: string; bytes: number }>(
      "SELECT id, bytes FROM packs WHERE slot = ?",
      slot,
    );
    return new Map(rows.toArray().map(({ id, bytes }) => [id, bytes]));
  }

  /** Bytes of packs that a lease has stored and no state contains. */
  pendingBytes(lease: string): number {
    const { bytes } = this.#sql
      .exec<{ bytes: number | null }>("SELECT SUM(bytes) AS bytes FROM packs WHERE lease = ?", lease)
      .one();
    return bytes ?? 0;
  }

  /** Makes these the packs of the slot's state. @returns the ids of unused packs */
  settlePacks(slot: number, ids: ReadonlySet<string>): string[] {
    const alive = new Set(this.leases().map(({ lease }) => lease));
    const gone: string[] = [];
    for (const { id, lease } of this.#sql
      .exec<{ id: string; lease: string | null }>("SELECT id, lease FROM packs WHERE slot = ?", slot)
      .toArray()) {
      if (ids.has(id)) this.#sql.exec("UPDATE packs SET lease = NULL WHERE id = ?", id);
      else if (lease === null || !alive.has(lease)) gone.push(id);
    }
    return gone;
  }

  removePacks(ids: readonly string[]): void {
    for (const id of ids) this.#sql.exec("DELETE FROM packs WHERE id = ?", id);
  }
}
