import { type MultipartError, make } from "multipasta";
import { concat } from "../../streams/concat.ts";
import { spend } from "../../streams/turns.ts";
import { ProblemError } from "./problem.ts";
import { readRequestBody } from "./request-body.ts";

/** One part of a form. Bytes of the body that `take` does not read are skipped. */
interface Part {
  name: string;
  body: AsyncIterable<Uint8Array>;
}

const MAX_PARTS = 64;
/** Number of bytes that are parsed at once, and the cost of a byte when a boundary could begin at each. */
const AT_ONCE = 16 * 1024;
const EFFORT = 16;

type Piece = { name: string } | Uint8Array | null;

/**
 * Passes the parts of a `multipart/form-data` body to `take`, one after the other, without buffering them.
 * @throws {ProblemError} when the body is not such a form
 */
export async function readMultipart(request: Request, take: (part: Part) => Promise<void>): Promise<void> {
  const pieces = piecesOf(request);
  for await (const piece of pieces) {
    if (piece === null || piece instanceof Uint8Array) continue;
    await take({ name: piece.name, body: bodyOf(pieces) });
  }
}

/** The bytes of a part, up to the null that ends it. Leaves the source open. */
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
    const taken = joinBytes(pieces);
    pieces = [];
    return taken;
  };
  for await (const chunk of readRequestBody(request)) {
    for (let at = 0; at < chunk.length; at += AT_ONCE) {
      const turn = spend(EFFORT * AT_ONCE);
      if (turn !== undefined) await turn;
      try {
        parser.write(chunk.subarray(at, at + AT_ONCE));
      } catch (error) {
        // A file name does not have the encoding that its part claims.
        if (!(error instanceof URIError)) throw error;
        throw invalid("the headers of a part are invalid");
      }
      yield* parsed();
    }
  }
  parser.end();
  yield* parsed();
}

/** Joins the bytes of each part, because the parser splits them wherever a boundary could begin. */
function joinBytes(pieces: readonly Piece[]): Piece[] {
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
      return "its content type has no boundary";
    case "BadHeaders":
      return "the headers of a part are invalid";
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
