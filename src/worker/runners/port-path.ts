/** Whether a path belongs to a port of a container. */
export function isPortPath(path: string): boolean {
  return /^\/v1\/containers\/[^/]+\/ports\//.test(path);
}

/** Removes the token from a path, for logs. */
export function withoutPortToken(path: string): string {
  return path.replace(/^(\/v1\/containers\/[^/]+\/ports\/)[^/]*/, "$1…");
}

/** Path prefix of the ports of a container, with a final slash; the port number follows. */
export function portsPath(id: string, token: string): string {
  return `/v1/containers/${id}/ports/${token}/`;
}
