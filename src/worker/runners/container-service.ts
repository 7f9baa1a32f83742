/**
 * The object of a runner in a Cloudflare Container, built from `src/runner/Dockerfile`. It starts when a step waits and
 * stops when it is idle. One token is valid while it runs.
 */
export interface ContainerService extends Rpc.DurableObjectBranded {
  /**
   * Starts the container unless it is running.
   * @param server URL at which it reaches this server
   * @param pool name of the pool whose jobs it executes
   */
  wake(server: string, pool: string): Promise<void>;
}
