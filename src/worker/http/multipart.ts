import { type MultipartError, make } from "multipasta";
import { concat } from "../../streams/concat.ts";
import { spend } from "../../streams/turns.ts";
import { ProblemError } from "./problem.ts";
import { received } from "./received.ts";

/** One part of a form; what `take` leaves of the body is skipped. */
interface Part {
  name: string;
  body: AsyncIterable<Uint8Array>;
}

const MAX_PARTS = 64;
/** Bytes that are parsed at once, and what a byte costs when a boundary might begin everywhere. */
const AT_ONCE = 16 * 1024;
const EFFORT = 16;

type Piece = { name: string } | Uint8Array | null;

/**
 * Passes the parts of a `multipart/form-data` body to `take`, one after the other, without keeping them.
 * @throws {ProblemError} when the body is not such a form
 */
export async function readMultipart(request: Request, take: (part: Part) => Promise<void>): Promise<void> {
  const pieces = piecesOf(request);
  for await (const piece of pieces) {
    if (piece === null || piece instanceof Uint8Array) continue;
    await take({ name: piece.name, body: bodyOf(pieces) });
  }
}

/** The bytes of a part: what comes before its end, which is null. Leaves the source open. */
async function* bodyOf(pieces: AsyncGenerator<Piece>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { value, done } = await pieces.next();
    if (done || !(value instanceof Uint8Array)) return;
    yield value;
  }
}

/** The form as a sequence: the head of a part, its bytes, null, the head of the next. */
async function* piecesOf(request: Request): AsyncGenerator<Piece> {
  let pieces: Piece[] = [];
  let failure: MultipartError | undefined;
  const parser = make({
    headers: { "content-type": request.headers.get("content-type") ?? "" },
    isFile: () => true,
    maxParts: MAX_PARTS,
    maxTotalSize: Number.POSITIVE_INFINITY,
    maxPartSize: Number.POSITIVE_INFINITY,
    onField: () => {},
    onFile({ name }) {
      if (name === "") failure ??= { _tag: "InvalidDisposition" };
      pieces.push({ name });
      return (chunk) => pieces.push(chunk);
    },
    onError(error) {
      failure ??= error;
    },
    onDone: () => {},
  });
  const parsed = (): Piece[] => {
    if (failure !== undefined) throw invalid(reasonOf(failure));
    const taken = joined(pieces);
    pieces = [];
    return taken;
  };
  for await (const chunk of received(request)) {
    for (let at = 0; at < chunk.length; at += AT_ONCE) {
      const turn = spend(EFFORT * AT_ONCE);
      if (turn !== undefined) await turn;
      try {
        parser.write(chunk.subarray(at, at + AT_ONCE));
      } catch (error) {
        // A file name that is not in the encoding it claims.
        if (!(error instanceof URIError)) throw error;
        throw invalid("the head of a part is not valid");
      }
      yield* parsed();
    }
  }
  parser.end();
  yield* parsed();
}

/** The same with the bytes of a part in one piece: the parser cuts them wherever a boundary might begin. */
function joined(pieces: readonly Piece[]): Piece[] {
  const whole: Piece[] = [];
  let parts: Uint8Array[] = [];
  const flush = () => {
    if (parts.length > 0) whole.push(concat(parts));
    parts = [];
  };
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      parts.push(piece);
      continue;
    }
    flush();
    whole.push(piece);
  }
  flush();
  return whole;
}

function reasonOf(error: MultipartError): string {
  switch (error._tag) {
    case "InvalidBoundary":
      return "its content type names no boundary";
    case "BadHeaders":
      return "the head of a part is not valid";
    case "InvalidDisposition":
      return "a part has no Content-Disposition with a name";
    case "ReachedLimit":
      return `it has more than ${MAX_PARTS} parts`;
    case "EndNotReached":
      return "it ends before its last boundary";
  }
}

function invalid(reason: string): ProblemError {
  return new ProblemError("invalid-form", {
    detail: `Cannot read the multipart body: ${reason}`,
    hint: "Send multipart/form-data with the parts dockerfile, context and options.",
  });
}
