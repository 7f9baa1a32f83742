/** How a fault is answered over HTTP. */
interface Answer {
  /** Of distribution-spec, "Error Codes"; the fault's own name when absent. */
  code?: string;
  status: number;
}

/**
 * Every fault of a registry, whichever implementation finds it, with its answer: the only place where a fault becomes a
 * status. Faults that the specification has no code for get the nearest one.
 */
const ANSWERS = {
  BLOB_UNKNOWN: { status: 404 },
  BLOB_TOO_LARGE: { code: "SIZE_INVALID", status: 413 },
  BLOB_UPLOAD_INVALID: { status: 400 },
  BLOB_UPLOAD_UNKNOWN: { status: 404 },
  /** Something of the repository needs the content that should be deleted. */
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

  /** The network policy does not allow the address of a remote registry. */
  ADDRESS_REFUSED: { code: "DENIED", status: 403 },
  /** A remote registry sent something else than requested: another digest or size, no manifest, too much. */
  BAD_ANSWER: { code: "UNAVAILABLE", status: 502 },
  /** A remote registry cannot be reached, or the connection was lost. */
  NETWORK: { code: "UNAVAILABLE", status: 502 },
  /** The host of a remote registry does not exist. */
  NO_HOST: { code: "UNAVAILABLE", status: 502 },
  /** A remote registry did not answer in time. */
  TIMEOUT: { code: "UNAVAILABLE", status: 504 },

  /** The manifest is not that of a container image. */
  NOT_AN_IMAGE: { code: "MANIFEST_INVALID", status: 422 },
  /** The index lists nothing for the platform. */
  NO_PLATFORM: { code: "MANIFEST_UNKNOWN", status: 404 },
} as const satisfies Record<string, Answer>;

export type RegistryFault = keyof typeof ANSWERS;

/** The fault that a registry names in an answer; undefined for a code that is not of the specification. */
export function faultOfCode(code: unknown): RegistryFault | undefined {
  return typeof code === "string" && Object.hasOwn(ANSWERS, code) ? (code as RegistryFault) : undefined;
}

export interface RegistryErrorOptions extends ErrorOptions {
  /** What the fault is about: a name, a tag, a digest. */
  detail?: Record<string, string>;
  /** Headers that a client needs to go on. */
  headers?: Record<string, string>;
}

/** A registry cannot do what was requested. Messages about remote registries are worded as containerd's. */
export class RegistryError extends Error {
  override name = "RegistryError";
  readonly fault: RegistryFault;
  /** As the specification names it. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  readonly detail: Record<string, string>;
  readonly headers: Record<string, string>;

  constructor(fault: RegistryFault, message: string, options: RegistryErrorOptions = {}) {
    super(message, options);
    const { code = fault, status }: Answer = ANSWERS[fault];
    this.fault = fault;
    this.code = code;
    this.status = status;
    this.detail = options.detail ?? {};
    this.headers = options.headers ?? {};
  }
}

/** Whether an error says that the content, tag or repository does not exist. */
export function isAbsent(error: unknown): error is RegistryError {
  return error instanceof RegistryError && ABSENT.has(error.fault);
}

const ABSENT: ReadonlySet<RegistryFault> = new Set(["BLOB_UNKNOWN", "MANIFEST_UNKNOWN", "NAME_UNKNOWN"]);

/** The client's connection was lost: no fault of the server. */
export function connectionLost(): RegistryError {
  return new RegistryError("BLOB_UPLOAD_INVALID", "the body broke off");
}

/** The server has no room for the content. */
export function storageFull(): RegistryError {
  return new RegistryError(
    "STORAGE_FULL",
    "the disk of the server is full: delete images, prune, or free space on it",
  );
}

/** Seconds after which a client may repeat a request that the storage refused. */
export const RETRY_AFTER_S = 5;

/** The storage refused each attempt. */
export function storageBusy(): RegistryError {
  return new RegistryError("UNAVAILABLE", "the storage is busy: send the request again", {
    headers: { "Retry-After": String(RETRY_AFTER_S) },
  });
}
