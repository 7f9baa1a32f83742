import type { CacheSharing } from "../../../schemas/cache-mount.ts";

/** A cache of its own among those of one key. Only private mounts have more than the first. */
export interface SlotRow {
  slot: number;
  generation: number;
  /** Key of the object that holds the state; null when nothing is kept. */
  state: string | null;
  /** In milliseconds since 1970. */
  used: number;
}

interface LeaseRow {
  /** SHA-256 of the lease. */
  lease: string;
  slot: number;
  exclusive: number;
  until: number;
}

/** What is known of the caches of one key: who uses them, and what is kept. */
export class CacheMountTable {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS slots (
      slot INTEGER PRIMARY KEY, generation INTEGER NOT NULL, state TEXT, used INTEGER NOT NULL)`);
    sql.exec(`CREATE TABLE IF NOT EXISTS leases (
      lease TEXT PRIMARY KEY, slot INTEGER NOT NULL, exclusive INTEGER NOT NULL, until INTEGER NOT NULL)`);
    // `lease`: whose pack it is as long as no state has it.
    sql.exec(`CREATE TABLE IF NOT EXISTS packs (
      id TEXT PRIMARY KEY, slot INTEGER NOT NULL, bytes INTEGER NOT NULL, lease TEXT)`);
  }

  slot(slot: number): SlotRow {
    const [row] = this.#sql.exec("SELECT * FROM slots WHERE slot = ?", slot).toArray();
    return (row as unknown as SlotRow | undefined) ?? { slot, generation: 0, state: null, used: Date.now() };
  }

  slots(): SlotRow[] {
    return this.#sql.exec("SELECT * FROM slots").toArray() as unknown as SlotRow[];
  }

  keepSlot({ slot, generation, state, used }: SlotRow): void {
    this.#sql.exec("INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?)", slot, generation, state, used);
  }

  removeSlot(slot: number): void {
    this.#sql.exec("DELETE FROM slots WHERE slot = ?", slot);
  }

  /** The slot that a mount may use now; undefined when it has to wait. */
  freeSlot(sharing: CacheSharing, mostSlots: number): number | undefined {
    const users = new Map<number, "shared" | "alone">();
    for (const { slot, exclusive } of this.leases()) users.set(slot, exclusive ? "alone" : "shared");
    for (let slot = 0; slot < (sharing === "private" ? mostSlots : 1); slot++) {
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

  /** Those that have not ended. */
  leases(): LeaseRow[] {
    const rows = this.#sql.exec("SELECT * FROM leases WHERE until > ?", Date.now()).toArray();
    return rows as unknown as LeaseRow[];
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

  /** False when there is a pack of this id. */
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

  /** Bytes that a lease has put and no state has. */
  pendingBytes(lease: string): number {
    const { bytes } = this.#sql
      .exec<{ bytes: number | null }>("SELECT SUM(bytes) AS bytes FROM packs WHERE lease = ?", lease)
      .one();
    return bytes ?? 0;
  }

  /** Makes these packs those of the slot's state; answers those that are of no use any more. */
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
