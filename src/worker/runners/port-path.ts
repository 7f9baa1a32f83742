/** Whether a path is that of a port of a container. */
export function isPortPath(path: string): boolean {
  return /^\/v1\/containers\/[^/]+\/ports\//.test(path);
}

/** The path without the token, for logs. */
export function withoutPortToken(path: string): string {
  return path.replace(/^(\/v1\/containers\/[^/]+\/ports\/)[^/]*/, "$1…");
}

/** The path under which the ports of a container are, which ends with a slash: the number of the port follows. */
export function portsPath(id: string, token: string): string {
  return `/v1/containers/${id}/ports/${token}/`;
}
