/** The codes of distribution-spec, "Error Codes", and the status that each is answered with. */
const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
} as const;

export type RegistryErrorCode = keyof typeof STATUS;

/** What a client of the registry did wrong, or asked for in vain. */
export class RegistryError extends Error {
  override name = "RegistryError";
  readonly code: RegistryErrorCode;
  /** What it is about: a name, a tag, a digest. */
  readonly detail: Record<string, string>;

  constructor(code: RegistryErrorCode, message: string, detail: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** The answer to a failed request; without a body for HEAD. */
export function errorResponse(error: RegistryError, method: string): Response {
  const { code, message, detail } = error;
  const body = `${JSON.stringify({ errors: [{ code, message, detail }] })}\n`;
  return new Response(method === "HEAD" ? null : body, {
    status: STATUS[code],
    headers: {
      "Content-Type": "application/json",
      "Content-Length": String(new TextEncoder().encode(body).length),
    },
  });
}
