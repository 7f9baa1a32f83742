import type { BuildRecord } from "../../../schemas/build.ts";
import type { BuildEvent, EventBody } from "../../../schemas/events.ts";
import { readRows, rowsOf } from "./rows.ts";

/** Maximum number of runs that are kept per build, and of runs whose logs are kept. */
const MAX_RUNS = 100;
const MAX_LOGS = 10;

/** Numbered runs of one build with their logs. A request starts a new run when none is running. */
export class BuildRuns {
  readonly #sql: SqlStorage;
  /** Events that `flush` has not written yet. */
  #unwritten: { run: number; event: BuildEvent }[] = [];
  /** Number of the last event of the current run. */
  #last: { run: number; seq: number } | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, started INTEGER, record TEXT NOT NULL)",
    );
    sql.exec(
      "CREATE TABLE IF NOT EXISTS run_events (run INTEGER, seq INTEGER, part INTEGER, text TEXT NOT NULL, PRIMARY KEY (run, seq, part))",
    );
  }

  /** Stores the record of a run, and deletes the oldest runs and logs above the limits. */
  keep(run: number, record: BuildRecord): void {
    this.flush();
    const started = Date.parse(record.started);
    const text = JSON.stringify(record);
    this.#sql.exec("INSERT OR REPLACE INTO runs (run, started, record) VALUES (?, ?, ?)", run, started, text);
    this.#sql.exec("DELETE FROM runs WHERE run <= ?", run - MAX_RUNS);
    this.#sql.exec("DELETE FROM run_events WHERE run <= ?", run - MAX_LOGS);
  }

  record(run: number): BuildRecord | undefined {
    const [row] = this.#sql.exec<{ record: string }>("SELECT record FROM runs WHERE run = ?", run).toArray();
    return row && (JSON.parse(row.record) as BuildRecord);
  }

  /** All stored runs, newest first. */
  list(): BuildRecord[] {
    return this.#sql
      .exec<{ record: string }>("SELECT record FROM runs ORDER BY run DESC")
      .toArray()
      .map(({ record }) => JSON.parse(record) as BuildRecord);
  }

  /** Deletes runs and their logs that started up to a time, in milliseconds since 1970. */
  forgetUntil(started: number): void {
    this.#sql.exec("DELETE FROM run_events WHERE run IN (SELECT run FROM runs WHERE started <= ?)", started);
    this.#sql.exec("DELETE FROM runs WHERE started <= ?", started);
  }

  /**
   * Events of a run after `seq`, each as JSON. Numbers have no gaps: the first one is `seq + 1`. Writes all events first, because
   * readers must not receive events that a crash could lose.
   */
  eventsAfter(run: number, seq: number): string[] {
    this.flush();
    return readRows(
      this.#sql.exec<{ part: number; text: string }>(
        "SELECT part, text FROM run_events WHERE run = ? AND seq > ? ORDER BY seq, part",
        run,
        seq,
      ),
    );
  }

  /** Adds an event. `flush` or the next read writes it. */
  append(run: number, time: number, body: EventBody): BuildEvent {
    if (this.#last?.run !== run) {
      this.flush();
      this.#last = { run, seq: this.#lastWritten(run) };
    }
    this.#last.seq += 1;
    const event = { seq: this.#last.seq, time, ...body } as BuildEvent;
    this.#unwritten.push({ run, event });
    return event;
  }

  /** Writes the added events, in one transaction, because each costs an fsync. */
  flush(): void {
    for (const { run, event } of this.#unwritten) {
      for (const [part, text] of rowsOf(event).entries())
        this.#sql.exec(
          "INSERT INTO run_events (run, seq, part, text) VALUES (?, ?, ?, ?)",
          run,
          event.seq,
          part,
          text,
        );
    }
    this.#unwritten = [];
  }

  #lastWritten(run: number): number {
    return this.#sql
      .exec<{ seq: number }>("SELECT COALESCE(MAX(seq), 0) AS seq FROM run_events WHERE run = ?", run)
      .one().seq;
  }
}

/** Name of an attempt to execute a run. */
export function attemptName(record: BuildRecord, attempts: number): string {
  return `${record.run}-${attempts}`;
}
