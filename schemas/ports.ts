import { z } from "zod";

// HTTP requests to ports of containers, between the server and the runner of a container. The server requests each piece
// of a response, so that little waits in its memory.

/** Names one request and its response. */
const exchange = z.string().max(64);
const header = z.tuple([z.string().max(256), z.string().max(16 * 1024)]);
export type PortHeader = z.infer<typeof header>;
const bytes = z.base64();

/** Messages from the server to the runner. */
export const toPort = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("request"),
    exchange,
    port: z.int().min(1).max(65535),
    method: z.string().max(16),
    /** Path and query. */
    path: z.string().max(16 * 1024),
    headers: z.array(header).max(64),
    body: bytes.optional(),
  }),
  /** Requests the next piece of the body. */
  z.object({ type: z.literal("more"), exchange }),
  /** The client has disconnected. */
  z.object({ type: z.literal("abort"), exchange }),
]);
export type ToPort = z.infer<typeof toPort>;

/** Messages from the runner to the server. */
export const fromPort = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("response"),
    exchange,
    status: z.int().min(200).max(599),
    headers: z.array(header).max(128),
  }),
  /** Answers `more`. */
  z.object({ type: z.literal("bytes"), exchange, bytes }),
  /** End of the response. `reason` is set when the response is missing or incomplete. */
  z.object({ type: z.literal("end"), exchange, reason: z.string().max(500).optional() }),
]);
export type FromPort = z.infer<typeof fromPort>;
