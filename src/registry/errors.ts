/** The code and status of the HTTP response for a fault. */
interface FaultResponse {
  /** Code of distribution-spec, "Error Codes"; by default the name of the fault. */
  code?: string;
  status: number;
}

/**
 * All registry faults with their responses: the only mapping from faults to statuses. A fault that the specification has
 * no code for uses the nearest one. Do not rename faults: the API derives the codes of problems from their names.
 */
const RESPONSES = {
  BLOB_UNKNOWN: { status: 404 },
  BLOB_TOO_LARGE: { code: "SIZE_INVALID", status: 413 },
  BLOB_UPLOAD_INVALID: { status: 400 },
  BLOB_UPLOAD_UNKNOWN: { status: 404 },
  /** Another manifest of the repository refers to the content to be deleted. */
  CONTENT_NEEDED: { code: "DENIED", status: 405 },
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

  /** The network policy forbids the address of a remote registry. */
  ADDRESS_REFUSED: { code: "DENIED", status: 403 },
  /** A remote registry sent an invalid response: another digest or size, no manifest, or too many bytes. */
  BAD_ANSWER: { code: "UNAVAILABLE", status: 502 },
  /** A remote registry is unreachable, or the connection was lost. */
  NETWORK: { code: "UNAVAILABLE", status: 502 },
  /** The host of a remote registry does not exist. */
  NO_HOST: { code: "UNAVAILABLE", status: 502 },
  /** A remote registry did not respond in time. */
  TIMEOUT: { code: "UNAVAILABLE", status: 504 },

  /** The manifest is not that of a container image. */
  NOT_AN_IMAGE: { code: "MANIFEST_INVALID", status: 422 },
  /** The index has no manifest for the platform. */
  NO_PLATFORM: { code: "MANIFEST_UNKNOWN", status: 404 },
} as const satisfies Record<string, FaultResponse>;

export type RegistryFault = keyof typeof RESPONSES;

/** The fault for the code of an error response; undefined for a code that is not in the specification. */
export function faultOfCode(code: unknown): RegistryFault | undefined {
  return typeof code === "string" && Object.hasOwn(RESPONSES, code) ? (code as RegistryFault) : undefined;
}

interface RegistryErrorOptions extends ErrorOptions {
  /** The subject of the fault: a name, a tag, a digest. */
  detail?: Record<string, string>;
  /** Headers that a client needs to continue. */
  headers?: Record<string, string>;
}

/** A registry rejected a request. Messages about remote registries equal containerd's. */
export class RegistryError extends Error {
  override name = "RegistryError";
  readonly fault: RegistryFault;
  /** The code of the specification. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  readonly detail: Record<string, string>;
  readonly headers: Record<string, string>;

  constructor(fault: RegistryFault, message: string, options: RegistryErrorOptions = {}) {
    super(message, options);
    const { code = fault, status }: FaultResponse = RESPONSES[fault];
    this.fault = fault;
    this.code = code;
    this.status = status;
    this.detail = options.detail ?? {};
    this.headers = options.headers ?? {};
  }
}

/** Whether an error means that the content, tag or repository does not exist. */
export function isAbsent(error: unknown): error is RegistryError {
  return error instanceof RegistryError && ABSENT.has(error.fault);
}

const ABSENT: ReadonlySet<RegistryFault> = new Set(["BLOB_UNKNOWN", "MANIFEST_UNKNOWN", "NAME_UNKNOWN"]);

/** Whether an error is temporary, so that a retry may succeed. */
export function isRegistryUnavailable(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.fault === "UNAVAILABLE";
}

/** The error for a lost client connection. */
export function connectionLostError(): RegistryError {
  return new RegistryError("BLOB_UPLOAD_INVALID", "the body ended early");
}

/** The error for a full disk. */
export function storageFullError(): RegistryError {
  return new RegistryError(
    "STORAGE_FULL",
    "the disk of the server is full: delete images, prune, or free space on it",
  );
}

/** Seconds after which a client may repeat a request that the storage refused. */
export const RETRY_AFTER_S = 5;

/** The error after the storage has refused each attempt. */
export function storageBusyError(): RegistryError {
  return new RegistryError("UNAVAILABLE", "the storage is busy: send the request again", {
    headers: { "Retry-After": String(RETRY_AFTER_S) },
  });
}
