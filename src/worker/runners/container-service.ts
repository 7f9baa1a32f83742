/**
 * The object of a runner in a Cloudflare Container, made of `src/runner/Dockerfile`. It starts when a step waits and ends
 * when it is idle. One token is valid while it runs.
 */
export interface ContainerService extends Rpc.DurableObjectBranded {
  /** Starts it, unless it runs. @param server URL under which it reaches this server */
  wake(server: string): Promise<void>;
}
