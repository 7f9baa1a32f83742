import { concat } from "../streams/concat.ts";

/** A body of `multipart/form-data` (RFC 7578). */
interface Form {
  contentType: string;
  body: Uint8Array | ReadableStream<Uint8Array>;
}

/** Values by the names of their parts; a stream may be the last one only. */
export type FormParts = readonly (readonly [
  name: string,
  value: Uint8Array | string | ReadableStream<Uint8Array>,
])[];

/** Encodes a form. The body is a stream if a part is one. */
export function encodeForm(parts: FormParts): Form {
  const encoder = new TextEncoder();
  const boundary = `varve-${crypto.randomUUID()}`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  const pieces: Uint8Array[] = [];
  const end = encoder.encode(`\r\n--${boundary}--\r\n`);
  for (const [index, [name, value]] of parts.entries()) {
    const head = `${index === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Disposition: form-data; name=${quote(name)}\r\n\r\n`;
    pieces.push(encoder.encode(head));
    if (value instanceof ReadableStream) {
      return { contentType, body: between(concat(pieces), value, end) };
    }
    pieces.push(typeof value === "string" ? encoder.encode(value) : value);
  }
  return { contentType, body: concat([...pieces, end]) };
}

/** Quotes a name as browsers do (HTML standard, "Multipart form data"). */
function quote(name: string): string {
  const escaped = name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  return `"${escaped}"`;
}

function between(
  head: Uint8Array,
  middle: ReadableStream<Uint8Array>,
  end: Uint8Array,
): ReadableStream<Uint8Array> {
  return middle.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      start: (controller) => controller.enqueue(head),
      flush: (controller) => controller.enqueue(end),
    }),
  );
}
