/** What is done with connections in excess, of one client address or of all together. */
export interface Limits {
  /** Connections without a request: half-open ones, and idle ones that were kept. Beyond, the oldest is closed. */
  waiting: number;
  /** Requests that are being received or answered. Beyond, one whose client stalls is stopped, or the new one refused. */
  active: number;
}

/** What clients can hold of the server. */
export interface Bounds {
  /** Of one client address. */
  address: Limits;
  /** Of all together. */
  all: Limits;
  /** Milliseconds for which a body may stall while the server waits for it. */
  stall: number;
  /** Milliseconds after which a client that stalls makes room for another request when there is none. */
  stallUnderLoad: number;
}

export const defaultBounds: Bounds = {
  address: { waiting: 128, active: 512 },
  all: { waiting: 1024, active: 2048 },
  stall: 60_000,
  stallUnderLoad: 5_000,
};

/** A request in progress, as the limits see it. */
export interface Exchange {
  /** Bytes that have come from the client; undefined once the whole body has. */
  received(): number | undefined;
  /**
   * Bytes of the answer that the client has received while others wait for it to read; undefined when none wait, or the
   * body has not come.
   */
  sent(): number | undefined;
  /** Whether bytes that have come are still unread here: then the client is not what is slow. */
  isBacklogged(): boolean;
  /** Ends it because the client stalls. */
  stop(): void;
}

interface Group {
  limits: Limits;
  /** In the order in which they began to wait. */
  waiting: Set<Connection>;
  active: Map<Exchange, Progress>;
}

interface Progress {
  connection: Connection;
  /** Bytes that were received, then those that were sent. */
  bytes: number | undefined;
  /** When the last bytes came or went, in milliseconds of a monotonic clock. */
  since: number;
}

/** A connection of a client. */
export interface Connection {
  /** IP address of the client. */
  address: string;
  /** Closes it without a word. */
  close(): void;
}

/** Bounds what clients can hold of the server, by address and in all. It counts; sockets and timers are its caller's. */
export class Connections {
  readonly #bounds: Bounds;
  readonly #all: Group;
  readonly #byAddress = new Map<string, Group>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#all = groupOf(bounds.all);
  }

  /** A client has connected, or its connection has nothing to do again. */
  wait(connection: Connection): void {
    for (const group of this.#groupsOf(connection)) {
      group.waiting.delete(connection);
      group.waiting.add(connection);
      if (group.waiting.size <= group.limits.waiting) continue;
      const [oldest] = group.waiting;
      if (oldest === undefined) continue;
      this.close(oldest);
      oldest.close();
    }
  }

  /** A request begins on a connection. False: there are too many, and it is to be refused. */
  begin(connection: Connection, exchange: Exchange, now: number): boolean {
    const groups = this.#groupsOf(connection);
    for (const group of groups) {
      if (group.active.size < group.limits.active) continue;
      const stalled = longestStalled(group, this.#bounds.stallUnderLoad, now);
      if (stalled === undefined) return false;
      this.#stop(...stalled);
    }
    const progress = { connection, bytes: exchange.received() ?? 0, since: now };
    for (const group of groups) {
      group.waiting.delete(connection);
      group.active.set(exchange, progress);
    }
    return true;
  }

  /** A request has ended. */
  end(connection: Connection, exchange: Exchange): void {
    for (const group of this.#groupsOf(connection)) group.active.delete(exchange);
    this.#tidy(connection.address);
  }

  /** A connection has ended. */
  close(connection: Connection): void {
    for (const group of this.#groupsOf(connection)) group.waiting.delete(connection);
    this.#tidy(connection.address);
  }

  /** Stops requests whose bodies have stalled for too long. A client that does not read may wait for its user. */
  sweep(now: number): void {
    for (const [exchange, progress] of [...this.#all.active]) {
      const isLong = stalledFor(exchange, progress, now) >= this.#bounds.stall;
      if (!isLong || exchange.received() === undefined) continue;
      this.#stop(exchange, progress);
    }
  }

  #groupsOf({ address }: Connection): Group[] {
    const known = this.#byAddress.get(address) ?? groupOf(this.#bounds.address);
    this.#byAddress.set(address, known);
    return [known, this.#all];
  }

  #stop(exchange: Exchange, { connection }: Progress): void {
    exchange.stop();
    this.end(connection, exchange);
  }

  #tidy(address: string): void {
    const group = this.#byAddress.get(address);
    if (group?.waiting.size === 0 && group.active.size === 0) this.#byAddress.delete(address);
  }
}

function groupOf(limits: Limits): Group {
  return { limits, waiting: new Set(), active: new Map() };
}

function longestStalled({ active }: Group, least: number, now: number): [Exchange, Progress] | undefined {
  let longest = least;
  let found: [Exchange, Progress] | undefined;
  for (const entry of active) {
    const stalled = stalledFor(...entry, now);
    if (stalled >= longest) [longest, found] = [stalled, entry];
  }
  return found;
}

/** Milliseconds for which the server waits for the client to send or to read. Notes progress. */
function stalledFor(exchange: Exchange, progress: Progress, now: number): number {
  const bytes = exchange.received() ?? exchange.sent();
  if (bytes === undefined || bytes !== progress.bytes || exchange.isBacklogged()) {
    progress.bytes = bytes;
    progress.since = now;
  }
  return now - progress.since;
}
