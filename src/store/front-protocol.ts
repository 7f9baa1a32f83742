// How the HTTP front of a local server and the Worker behind it speak about a request: in headers with a prefix that the
// front removes from what clients send, and from what the Worker answers.

export const FRONT_PREFIX = "varve-front-";

/** Request: proves that the front has sent it. */
export const FRONT_SECRET = `${FRONT_PREFIX}secret`;
/** Request: IP address of the client. */
export const FRONT_PEER = `${FRONT_PREFIX}peer`;
/** Request: the body stays at the front, under this id. The object server gives it once, or stores it as it comes. */
export const FRONT_BODY = `${FRONT_PREFIX}body`;
/** Request: bytes of that body, when the client states them. Response: bytes of the file. */
export const FRONT_LENGTH = `${FRONT_PREFIX}length`;
/** Response: name of the file of the object server that the front sends as the body. */
export const FRONT_FILE = `${FRONT_PREFIX}file`;
/** Response: where in the file the body starts. */
export const FRONT_OFFSET = `${FRONT_PREFIX}offset`;
