/** HTTP status and title of a problem code. Without a title, each problem has its own. */
interface Meaning {
  status: number;
  title?: string;
}

/**
 * The codes of problems. Besides these, problems have the codes of Dockerfile diagnostics (`dockerfile/…`) and, in lower
 * case, those of registries.
 */
export const problemCodes = {
  // Access
  "access-denied": { status: 403, title: "The credential does not grant this" },
  "asked-by-build": { status: 403, title: "A build cannot send requests to its own server" },
  "credential-expired": { status: 401, title: "Invalid credentials" },
  "credential-invalid": { status: 401, title: "Invalid credentials" },
  "credential-missing": { status: 401, title: "A credential is needed" },
  "cross-origin-write": { status: 403, title: "A page of another origin may not write" },
  "issuer-unavailable": { status: 503, title: "The credential cannot be verified now" },
  "private-port": { status: 403, title: "This port is private to the server" },
  "settings-invalid": { status: 503, title: "The settings of the server are not valid" },
  "token-unknown": { status: 404, title: "There is no such token" },
  "too-many-attempts": { status: 429, title: "Too many attempts have failed" },

  // Requests
  "body-invalid": { status: 400, title: "The parameter body names no upload" },
  "body-missing": { status: 400, title: "The request has no body" },
  "digest-invalid": { status: 400, title: "The digest is not valid" },
  "header-too-large": { status: 431, title: "The header of the request is too large" },
  "invalid-form": { status: 400, title: "The form cannot be read" },
  "invalid-json": { status: 400, title: "The body is not JSON" },
  "invalid-request": { status: 400, title: "The request is not valid" },
  "length-required": { status: 411, title: "The length is missing" },
  "name-invalid": { status: 400, title: "The name is not valid" },
  "name-missing": { status: 400, title: "The name is missing" },
  "no-such-route": { status: 404, title: "There is no such route" },
  "platform-invalid": { status: 400 },
  "protocol-unknown": { status: 400, title: "The protocol of the WebSocket is unknown" },
  "range-invalid": { status: 416, title: "The range is outside the object" },
  "request-malformed": { status: 400, title: "The request is malformed" },
  "request-timeout": { status: 408, title: "The request takes too long" },
  "too-large": { status: 413, title: "A part of the request is too large" },
  "too-many-requests": { status: 503, title: "Too many requests at a time" },
  "upload-broken": { status: 400, title: "The upload ended early" },

  // Contexts
  "archive-order": { status: 409, title: "The build reads a file that was not stored" },
  "archive-unreadable": { status: 400 },
  "base-unknown": { status: 404, title: "There is no such listing" },
  "context-incomplete": {
    status: 409,
    title: "The build reads other paths of its contexts than those that were sent",
  },
  "context-invalid": { status: 400 },
  "context-unknown": { status: 404, title: "There is no such context" },
  "listing-invalid": { status: 400, title: "The listing is not valid" },
  "pack-invalid": { status: 400, title: "The pack is not valid" },
  "pack-too-large": { status: 413, title: "The pack is too large" },
  "pack-unknown": { status: 404, title: "There is no such pack" },

  // Builds
  "annotation-invalid": { status: 400 },
  "base-unavailable": { status: 400 },
  "build-ends-server": { status: 500, title: "Each attempt to execute the build ended the server" },
  "build-unknown": { status: 404, title: "No such build" },
  cancelled: { status: 409 },
  "copy-failed": { status: 400 },
  "credentials-lost": { status: 503, title: "The server was started again during the build" },
  "dockerfile-missing": { status: 400, title: "The Dockerfile is missing" },
  "download-failed": { status: 400 },
  "output-invalid": { status: 400 },
  "run-failed": { status: 400 },
  "run-unsupported": { status: 501 },
  "secret-missing": { status: 400 },
  "secrets-mixed": { status: 400, title: "Some secrets were sent and others were not" },
  "source-not-found": { status: 400 },
  "ssh-missing": { status: 400 },

  // Images
  "archive-invalid": { status: 400 },
  "file-unknown": { status: 404 },
  "layer-unknown": { status: 404 },
  "layer-unreadable": { status: 422 },
  "not-a-file": { status: 400 },
  "not-an-image": { status: 422 },
  "platform-unknown": { status: 404 },

  // Runners
  "cache-lease-ended": { status: 401, title: "The lease of the cache has ended" },
  "cache-locked": { status: 423, title: "Another lease has the cache" },
  "cache-pack-unknown": { status: 409, title: "A pack of the cache is missing" },
  "cache-too-large": { status: 413, title: "The cache is too large" },
  "cache-unknown": { status: 404, title: "There is no such cache" },
  "job-denied": { status: 401, title: "The token of the job is not valid" },
  "layer-denied": { status: 403, title: "The job does not write a layer" },
  "object-unknown": { status: 404, title: "There is no such object" },
  "port-unanswered": { status: 502, title: "The port of the container did not answer" },
  "port-unknown": { status: 404, title: "There is no such port" },
  "runner-denied": { status: 401, title: "The token of the runner is not valid" },
  "runner-failed": { status: 502 },
  "runner-missing": { status: 503, title: "No runner can start the container" },
  "terminal-denied": { status: 401, title: "The token of the terminal is not valid" },
  "toc-invalid": { status: 400, title: "The table of contents is not valid" },
  "too-many-containers": { status: 429, title: "Too many containers are running" },
  "too-many-port-requests": { status: 429, title: "Too many requests to containers are in progress" },

  // Operation
  internal: { status: 500, title: "The server failed" },
  "nothing-pruned": { status: 404, title: "Nothing was pruned yet" },
  "prune-unknown": { status: 404, title: "There is no report of this prune" },
  "prunes-waiting": { status: 409, title: "Too many prunes are waiting" },
  "part-restarted": { status: 503, title: "A part of the server was restarted" },
  "runtime-restarting": { status: 503, title: "The server is restarting" },
  "storage-busy": { status: 503, title: "The storage is busy" },
  "storage-full": { status: 507, title: "The disk of the server is full" },
} as const satisfies Record<string, Meaning>;

export type ProblemCode = keyof typeof problemCodes;
