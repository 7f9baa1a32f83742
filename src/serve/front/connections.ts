/** Limits of connections, of one client address or of all. */
interface ConnectionLimits {
  /** Maximum number of connections without a request, half-open or idle. Above it, the oldest is closed. */
  waiting: number;
  /**
   * Maximum number of requests in progress. Above it, a request whose client stalls is stopped, or the new one is
   * rejected.
   */
  active: number;
}

/** Limits of all clients. */
export interface Bounds {
  /** Of one client address. */
  address: ConnectionLimits;
  /** Of all together. */
  all: ConnectionLimits;
  /** Milliseconds that a body may stall while the server waits for it. */
  stall: number;
  /** Milliseconds after which a stalled request is stopped when another one needs its place. */
  stallUnderLoad: number;
}

export const defaultBounds: Bounds = {
  address: { waiting: 128, active: 512 },
  all: { waiting: 1024, active: 2048 },
  stall: 60_000,
  stallUnderLoad: 5_000,
};

/** A request in progress. */
export interface Exchange {
  /** Bytes received from the client; undefined once the body is complete. */
  received(): number | undefined;
  /**
   * Bytes of the answer that the client has received while others wait for it to read; undefined when none wait, or the
   * body has not started.
   */
  sent(): number | undefined;
  /** Whether received bytes are unread: then the server is slow, not the client. */
  isBacklogged(): boolean;
  /** Ends it because the client stalls. */
  stop(): void;
}

interface Group {
  limits: ConnectionLimits;
  /** Ordered by the start of their wait. */
  waiting: Set<ClientConnection>;
  active: Map<Exchange, Progress>;
}

interface Progress {
  connection: ClientConnection;
  /** Bytes received, or bytes sent once the body is complete. */
  bytes: number | undefined;
  /** Time of the last change, in milliseconds of a monotonic clock. */
  since: number;
}

export interface ClientConnection {
  /** IP address of the client. */
  address: string;
  /** Closes it without an answer. */
  close(): void;
}

/** Enforces limits of connections, by address and in total. Pure: the caller has the sockets and timers. */
export class Connections {
  readonly #bounds: Bounds;
  readonly #all: Group;
  readonly #byAddress = new Map<string, Group>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#all = groupOf(bounds.all);
  }

  /** Registers a connection that is new or idle again. */
  wait(connection: ClientConnection): void {
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

  /** Registers a request on a connection. Returns false when there are too many requests; the caller then rejects it. */
  begin(connection: ClientConnection, exchange: Exchange, now: number): boolean {
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

  /** Removes a request that has ended. */
  end(connection: ClientConnection, exchange: Exchange): void {
    for (const group of this.#groupsOf(connection)) group.active.delete(exchange);
    this.#tidy(connection.address);
  }

  /** Removes a connection that has ended. */
  close(connection: ClientConnection): void {
    for (const group of this.#groupsOf(connection)) group.waiting.delete(connection);
    this.#tidy(connection.address);
  }

  /** Stops requests whose bodies stall. A client that does not read its answer may be waiting for its user. */
  sweep(now: number): void {
    for (const [exchange, progress] of [...this.#all.active]) {
      const isLong = stalledFor(exchange, progress, now) >= this.#bounds.stall;
      if (!isLong || exchange.received() === undefined) continue;
      this.#stop(exchange, progress);
    }
  }

  #groupsOf({ address }: ClientConnection): Group[] {
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

function groupOf(limits: ConnectionLimits): Group {
  return { limits, waiting: new Set(), active: new Map() };
}

function longestStalled(
  { active }: Group,
  minMilliseconds: number,
  now: number,
): [Exchange, Progress] | undefined {
  let longest = minMilliseconds;
  let found: [Exchange, Progress] | undefined;
  for (const entry of active) {
    const stalled = stalledFor(...entry, now);
    if (stalled >= longest) [longest, found] = [stalled, entry];
  }
  return found;
}

/** Milliseconds that the server has waited for the client to send or read. Updates `progress`. */
function stalledFor(exchange: Exchange, progress: Progress, now: number): number {
  const bytes = exchange.received() ?? exchange.sent();
  if (bytes === undefined || bytes !== progress.bytes || exchange.isBacklogged()) {
    progress.bytes = bytes;
    progress.since = now;
  }
  return now - progress.since;
}
