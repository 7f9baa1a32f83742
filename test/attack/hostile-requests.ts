import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { RawRequest } from "./exchange.ts";
import { dockerfilesOf, tarsOf, textsOf } from "./hostile-values.ts";
import { type Route, schemas } from "./routes.ts";
import { valuesOf } from "./schema-values.ts";
import type { Stored, StoredThings } from "./stored-things.ts";

/** The sender of the requests. */
export interface Sender extends Stored {
  /** Value of the Authorization header that the route accepts. */
  authorization: string;
}

interface Body {
  /** Content type; empty for none. */
  type: string;
  bytes: Uint8Array;
}

const encoder = new TextEncoder();
/** Characters of a path and query that the server's HTTP parser accepts. */
const MAX_TARGET = 15_000;

/** Requests to a route. Most of them match its schema. */
export function requestsOf(
  route: Route,
  { things, samples, authorization }: Sender,
): fc.Arbitrary<RawRequest> {
  const texts = textsOf(Object.values(things).flat());
  const sample = samples[route.path];
  const types = Object.keys(route.bodies);
  const shaped = bodiesOf(route, texts);
  const bodies =
    sample === undefined || types.length === 0 ? shaped : fc.oneof(shaped, damaged(sample, types));
  const isWrong = fc.integer({ min: 0, max: 30 });
  return fc
    .tuple(pathsOf(route, things, texts), queriesOf(route, things, texts), bodies, headers, isWrong)
    .map(([path, query, { type, bytes }, more, wrong]) => ({
      method: wrong === 0 && !isOfJob(route) ? "PROPFIND" : route.method,
      target: (path + query).slice(0, MAX_TARGET),
      headers: { authorization, ...more, ...(type !== "" && { "content-type": type }) },
      body: bytes,
    }));
}

/** A route for the token of a job: after too many requests with other tokens, it rejects all for a while. */
export function isOfJob({ path }: Route): boolean {
  return path.startsWith("/v1/jobs/");
}

function pathsOf(route: Route, things: StoredThings, texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const weightOf = (name: string) => (isOfJob(route) && (name === "id" || name === "key") ? 300 : 3);
  const values = names.map((name) =>
    fc.oneof(
      { weight: weightOf(name), arbitrary: fc.constantFrom(...(things[name] ?? ["latest"])) },
      { weight: 1, arbitrary: texts },
    ),
  );
  return fc.tuple(fc.boolean(), ...values).map(([slashes, ...given]) =>
    names.reduce((path, name, index) => {
      const text = encodeURIComponent((given[index] as string).toWellFormed());
      return path.replace(`{${name}}`, () => (slashes ? text.replaceAll("%2F", "/") : text));
    }, route.path),
  );
}

function queriesOf(
  { query }: Route,
  things: StoredThings,
  texts: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const values = query.map(({ name, schema }) => {
    const known = things[name];
    if (known !== undefined && name !== "name") return fc.oneof(fc.constantFrom(...known), texts);
    return fc.oneof(
      { weight: query.length, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: valuesOf(schema, schemas, texts) },
    );
  });
  return fc.tuple(...values).map((given) => {
    const pairs = given.flatMap((value, index) =>
      (Array.isArray(value) ? value : [value])
        .filter((one) => one !== null)
        .map((one) => [query[index]?.name ?? "", textOf(one)]),
    );
    return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Some of the headers that routes read, with values of all kinds. */
const headers: fc.Arbitrary<Record<string, string>> = fc
  .uniqueArray(
    fc.constantFrom<[string, string[]][]>(
      ["accept", ["", "*/*", "application/json", "text/event-stream", "application/x-ndjson", ",;q=x"]],
      ["range", ["bytes=0-", "bytes=5-1", "bytes=-0", "bytes=99999999999999999999-", "x=1"]],
      ["if-none-match", ["*", '"x"', 'W/"', ","]],
      ["content-range", ["0-5", "5-0", "bytes 0-1/2", "x", "0-99999999999999"]],
      ["content-encoding", ["gzip", "zstd", "x"]],
      ["last-event-id", ["1", "-1", "x", "9".repeat(30)]],
      ["x-registry-auth", ["e30=", "x", "bnVsbA=="]],
      ["x-registry-config", ["e30=", "%", "bnVsbA=="]],
      ["origin", ["null", "http://example.com"]],
      ["cookie", ["a=b", "=;="]],
    ),
    { maxLength: 2, selector: ([name]) => name },
  )
  .chain((chosen) =>
    fc.tuple(...chosen.map(([name, values]) => fc.constantFrom(...values).map((value) => [name, value]))),
  )
  .map((pairs) => Object.fromEntries(pairs));

function bodiesOf(route: Route, texts: fc.Arbitrary<string>): fc.Arbitrary<Body> {
  const types = Object.keys(route.bodies);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    texts.map((text) => encoder.encode(text)),
  );
  const type = fc.constantFrom("application/json", "application/x-tar", "multipart/form-data", "a/b", "");
  const usual =
    types.length === 0
      ? [fc.constant({ type: "", bytes: new Uint8Array() })]
      : types.map((given) => shapedBody(route, given, texts));
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...usual) },
    { weight: 1, arbitrary: fc.record({ type, bytes }) },
  );
}

/** Valid bytes, unchanged, with some bytes changed, or truncated. */
function damaged(sample: Uint8Array, types: readonly string[]): fc.Arbitrary<Body> {
  const at = fc.integer({ min: 0, max: sample.length - 1 });
  const changes = fc.array(fc.tuple(at, fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
  const end = fc.oneof({ weight: 3, arbitrary: fc.constant(sample.length) }, { weight: 1, arbitrary: at });
  return fc.tuple(fc.constantFrom(...types), changes, end).map(([type, changed, length]) => {
    const bytes = sample.slice(0, length);
    for (const [place, byte] of changed) bytes[place] = byte;
    return { type, bytes };
  });
}

function shapedBody(route: Route, type: string, texts: fc.Arbitrary<string>): fc.Arbitrary<Body> {
  const dockerfiles = dockerfilesOf(texts);
  const values = valuesOf(route.bodies[type] ?? {}, schemas, texts);
  const ofType = (parts: fc.Arbitrary<string | Uint8Array>) =>
    parts.map((part) => ({ type, bytes: typeof part === "string" ? encoder.encode(part) : part }));
  switch (type) {
    case "application/x-tar": {
      const tars = tarsOf(texts);
      return ofType(
        fc.oneof(
          tars,
          tars.map((tar) => gzipSync(tar)),
        ),
      );
    }
    case "application/x-ndjson": {
      const lines = fc.array(values, { maxLength: 5 });
      return ofType(lines.map((given) => given.map((line) => `${textOf(line)}\n`).join("")));
    }
    case "multipart/form-data": {
      const names = fc.constantFrom("dockerfile", "context", "options", "request", "secret.a");
      const part = fc.tuple(fc.oneof(names, texts), fc.oneof(texts, dockerfiles, values.map(textOf)));
      return fc.array(part, { maxLength: 5 }).map((parts) => ({
        type: "multipart/form-data; boundary=b",
        bytes: encoder.encode(`${parts.map(([name, text]) => formPart(name, text)).join("")}--b--\r\n`),
      }));
    }
    case "application/x-www-form-urlencoded": {
      const names = "grant_type service scope username password refresh_token client_id access_type";
      const fields = fc.dictionary(
        fc.constantFrom(...names.split(" ")),
        fc.oneof(fc.constantFrom("password", "refresh_token"), texts),
      );
      return ofType(fields.map((given) => String(new URLSearchParams(given))));
    }
    case "text/plain":
      return ofType(dockerfiles);
    case "application/octet-stream":
      return ofType(fc.uint8Array({ maxLength: 300 }));
    default: {
      const withDockerfile = fc
        .tuple(values, dockerfiles)
        .map(([value, dockerfile]) => ({ ...(value as object), dockerfile }));
      return ofType(fc.oneof(values, withDockerfile).map(textOf));
    }
  }
}

function formPart(name: string, text: string): string {
  return `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
}
