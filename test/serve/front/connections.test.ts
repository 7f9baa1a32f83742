import { expect, test } from "vitest";
import { type Bounds, Connections } from "../../../src/serve/front/connections.ts";

const bounds: Bounds = {
  address: { waiting: 3, active: 2 },
  all: { waiting: 5, active: 3 },
  stall: 60,
  stallUnderLoad: 10,
};

/** A connection whose requests have bodies, and whether it was stopped. */
class Client {
  readonly address: string;
  isClosed = false;
  isStopped = false;
  bytes = 0;
  isWhole = false;
  /** Bytes of the answer; undefined when none wait for the client. */
  sent: number | undefined;
  isUnread = false;

  constructor(address = "127.0.0.1") {
    this.address = address;
  }
  close = () => {
    this.isClosed = true;
  };
  readonly exchange = {
    received: () => (this.isWhole ? undefined : this.bytes),
    sent: () => (this.isWhole ? this.sent : undefined),
    isBacklogged: () => this.isUnread,
    stop: () => {
      this.isStopped = true;
    },
  };
}

test("above the limit of idle connections, the longest idle ones are closed", () => {
  const connections = new Connections(bounds);
  const clients = Array.from({ length: 5 }, () => new Client());
  for (const client of clients) connections.wait(client);
  expect(clients.map(({ isClosed }) => isClosed)).toEqual([true, true, false, false, false]);
  const other = new Client("127.0.0.2");
  connections.wait(other);
  expect(other.isClosed).toBe(false);
});

test("a connection in use is not idle", () => {
  const connections = new Connections(bounds);
  const [first, ...others] = [new Client(), new Client(), new Client(), new Client()] as const;
  connections.wait(first);
  connections.begin(first, first.exchange, 0);
  for (const client of others) connections.wait(client);
  connections.end(first, first.exchange);
  expect([first, ...others].map(({ isClosed }) => isClosed)).toEqual([false, false, false, false]);
  connections.wait(first);
  expect([first, ...others].map(({ isClosed }) => isClosed)).toEqual([false, true, false, false]);
});

test("the total of idle connections is limited too", () => {
  const connections = new Connections(bounds);
  const clients = Array.from({ length: 7 }, (_, i) => new Client(`127.0.0.${i}`));
  for (const client of clients) connections.wait(client);
  expect(clients.filter(({ isClosed }) => isClosed)).toEqual(clients.slice(0, 2));
});

test("an address has a limit of concurrent requests, without effect on others", () => {
  const connections = new Connections(bounds);
  const clients = [new Client(), new Client(), new Client()];
  for (const client of clients) client.isWhole = true;
  expect(clients.map((client) => connections.begin(client, client.exchange, 0))).toEqual([true, true, false]);
  const other = new Client("127.0.0.2");
  expect(connections.begin(other, other.exchange, 0)).toBe(true);
  const [first, , third] = clients as [Client, Client, Client];
  connections.end(first, first.exchange);
  connections.end(other, other.exchange);
  expect(connections.begin(third, third.exchange, 0)).toBe(true);
});

test("a stalled body is stopped for another request, the longest stalled first", () => {
  const connections = new Connections(bounds);
  const [one, two, three, four] = [new Client(), new Client(), new Client(), new Client()];
  connections.begin(one, one.exchange, 0);
  connections.begin(two, two.exchange, 2);
  expect(connections.begin(three, three.exchange, 9)).toBe(false);
  expect(connections.begin(three, three.exchange, 13)).toBe(true);
  expect([one.isStopped, two.isStopped]).toEqual([true, false]);
  two.bytes = 1;
  expect(connections.begin(four, four.exchange, 14)).toBe(false);
});

test("a body that stalls too long is stopped, unless it is complete or waits for the server", () => {
  const connections = new Connections({
    ...bounds,
    address: { waiting: 9, active: 9 },
    all: { waiting: 9, active: 9 },
  });
  const [stalls, flows, whole, unread] = [new Client(), new Client(), new Client(), new Client()];
  whole.isWhole = true;
  unread.isUnread = true;
  for (const client of [stalls, flows, whole, unread]) connections.begin(client, client.exchange, 0);
  for (let now = 0; now <= 59; now++) {
    flows.bytes++;
    connections.sweep(now);
  }
  expect(stalls.isStopped).toBe(false);
  connections.sweep(60);
  expect([stalls, flows, whole, unread].map(({ isStopped }) => isStopped)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("a client that does not read its response is stopped only for another request", () => {
  const connections = new Connections(bounds);
  const [unread, read] = [new Client(), new Client()];
  for (const client of [unread, read]) {
    client.isWhole = true;
    connections.begin(client, client.exchange, 0);
    client.sent = 100;
  }
  connections.sweep(1);
  read.sent = 200;
  connections.sweep(100);
  expect([unread.isStopped, read.isStopped]).toEqual([false, false]);
  const other = new Client();
  expect(connections.begin(other, other.exchange, 105)).toBe(true);
  expect([unread.isStopped, read.isStopped]).toEqual([true, false]);
  // The answer waits for the server.
  read.sent = undefined;
  other.isWhole = true;
  connections.sweep(106);
  expect(connections.begin(new Client(), new Client().exchange, 200)).toBe(false);
});
