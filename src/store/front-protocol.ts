// Headers between the HTTP front of a local server and the Worker behind it. The front removes headers with this prefix from
// clients' requests and from the Worker's responses.

export const FRONT_PREFIX = "varve-front-";

/** Request: proves that the front sent it. */
export const FRONT_SECRET = `${FRONT_PREFIX}secret`;
/** Request: IP address of the client. */
export const FRONT_PEER = `${FRONT_PREFIX}peer`;
/** Request: the id of the body, which stays at the front. The object server returns it once, or stores it directly. */
export const FRONT_BODY = `${FRONT_PREFIX}body`;
/** Request: the body's Content-Length, if any. Response: bytes of the file. */
export const FRONT_LENGTH = `${FRONT_PREFIX}length`;
/** Response: the object server's file that the front sends as the body. */
export const FRONT_FILE = `${FRONT_PREFIX}file`;
/** Response: the build that the front cancels when the client leaves before the end of the body. */
export const FRONT_BUILD = `${FRONT_PREFIX}build`;
/** Response: position in the file where the body starts. */
export const FRONT_OFFSET = `${FRONT_PREFIX}offset`;
