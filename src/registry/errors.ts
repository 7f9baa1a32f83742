interface Answer {
  /** Of distribution-spec, "Error Codes"; the fault's own name when nothing is said. */
  code?: string;
  status: number;
}

/**
 * Every fault that a client can be told of. Those that the specification has no code of their own for get the
 * code that comes nearest.
 */
const ANSWERS = {
  BLOB_UNKNOWN: { status: 404 },
  BLOB_TOO_LARGE: { code: "SIZE_INVALID", status: 413 },
  BLOB_UPLOAD_INVALID: { status: 400 },
  BLOB_UPLOAD_UNKNOWN: { status: 404 },
  CHUNK_OUT_OF_ORDER: { code: "BLOB_UPLOAD_INVALID", status: 416 },
  DENIED: { status: 403 },
  DIGEST_INVALID: { status: 400 },
  MANIFEST_BLOB_UNKNOWN: { status: 404 },
  MANIFEST_INVALID: { status: 400 },
  MANIFEST_TOO_LARGE: { code: "MANIFEST_INVALID", status: 413 },
  MANIFEST_UNKNOWN: { status: 404 },
  NAME_INVALID: { status: 400 },
  NAME_UNKNOWN: { status: 404 },
  SIZE_INVALID: { status: 400 },
  STORAGE_FULL: { code: "UNAVAILABLE", status: 507 },
  TOOMANYREQUESTS: { status: 429 },
  UNAUTHORIZED: { status: 401 },
  UNAVAILABLE: { status: 503 },
  UNSUPPORTED: { status: 405 },
} as const satisfies Record<string, Answer>;

export type RegistryFault = keyof typeof ANSWERS;

/** What a client of the registry did wrong, or asked for in vain. */
export class RegistryError extends Error {
  override name = "RegistryError";
  readonly fault: RegistryFault;
  /** As the specification names it. */
  readonly code: string;
  readonly status: number;
  /** What it is about: a name, a tag, a digest. */
  readonly detail: Record<string, string>;
  /** Headers that the answer needs so that the client can go on. */
  readonly headers: Record<string, string>;

  constructor(
    fault: RegistryFault,
    message: string,
    detail: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    const { code = fault, status }: Answer = ANSWERS[fault];
    this.fault = fault;
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** The client is gone, or its connection: no fault of the server's. */
export function brokenOff(): RegistryError {
  return new RegistryError("BLOB_UPLOAD_INVALID", "the body broke off");
}

/** The server has no room for what comes. */
export function storageFull(): RegistryError {
  return new RegistryError(
    "STORAGE_FULL",
    "the disk of the server is full: delete images, prune, or free space on it",
  );
}

/** The answer to a failed request; without a body for HEAD. */
export function errorResponse(error: RegistryError, method: string): Response {
  const { code, message, detail, status } = error;
  const body = new TextEncoder().encode(`${JSON.stringify({ errors: [{ code, message, detail }] })}\n`);
  return new Response(method === "HEAD" ? null : body, {
    status,
    headers: {
      "Content-Type": "application/json",
      "Content-Length": String(body.length),
      // Compressing it would cost it its length.
      "Cache-Control": "no-store, no-transform",
      ...error.headers,
    },
  });
}
