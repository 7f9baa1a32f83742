import { connect } from "node:net";

// The program that `ContainerNetwork` starts in the network of a container. It connects to ports on the loopback of that
// network, and passes the connected sockets to the runner.

/** Message to the program. */
export interface ConnectOrder {
  number: number;
  port: number;
}

/** Message of the program; with the socket, unless it has failed. */
export interface ConnectOutcome {
  number: number;
  /** As `ECONNREFUSED`. */
  failure?: string;
}

/** A program may listen on one of the two only. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];
const CONNECT_MS = 10_000;

function open({ number, port }: ConnectOrder, [host, ...others]: readonly string[] = LOOPBACK): void {
  const socket = connect({ host, port, timeout: CONNECT_MS });
  // The runner reads from the socket.
  socket.pause();
  const fail = (failure: string) => {
    socket.destroy();
    if (others.length > 0 && failure === "ECONNREFUSED") open({ number, port }, others);
    else send({ number, failure });
  };
  socket.once("connect", () => {
    socket.setTimeout(0);
    process.send?.({ number } satisfies ConnectOutcome, socket, (error) => {
      if (error !== null) socket.destroy();
    });
  });
  socket.once("timeout", () => fail("ETIMEDOUT"));
  socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
}

function send(outcome: ConnectOutcome): void {
  if (process.connected) process.send?.(outcome);
}

process.on("message", (order: ConnectOrder) => open(order));
process.on("disconnect", () => process.exit());
