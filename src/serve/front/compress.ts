import type { IncomingMessage } from "node:http";
import { type HeaderField, headerValue } from "./request-head.ts";

/** Types of the page and of the documentation. */
const TYPE = /^(?:text\/(?:html|css|javascript)|image\/svg\+xml)(?:;|$)/;
/** The API, and what containers serve: compressing a secret beside the input of an attacker reveals it. */
const DYNAMIC = /^\/v\d/;
const GZIP = /(?:^|[\s,])gzip(?:\s*;\s*q=(?!0(?:\.0*)?(?:,|$))[\d.]+)?\s*(?:,|$)/i;

/** Whether to compress an answer for the client, as Cloudflare does for static files. */
export function isCompressible(
  request: IncomingMessage,
  { statusCode, rawHeaders }: IncomingMessage,
): boolean {
  return (
    request.method === "GET" &&
    statusCode === 200 &&
    !DYNAMIC.test(request.url ?? "") &&
    GZIP.test(String(request.headers["accept-encoding"] ?? "")) &&
    TYPE.test(headerValue(rawHeaders, "content-type") ?? "") &&
    headerValue(rawHeaders, "content-encoding") === undefined
  );
}

/** The headers of an answer when it is compressed. Its ETag is weak, because the bytes are others (RFC 9110, 8.8.1). */
export function compressedHeaders(headers: readonly HeaderField[]): HeaderField[] {
  const kept = headers.filter(([name]) => !/^content-length$/i.test(name));
  return [
    ...kept.map(([name, value]): HeaderField => {
      return /^etag$/i.test(name) && value.startsWith('"') ? [name, `W/${value}`] : [name, value];
    }),
    ["content-encoding", "gzip"],
    ["vary", "accept-encoding"],
  ];
}
