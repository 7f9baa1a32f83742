/**
 * The object of a runner in a Cloudflare Container, whose image is `src/runner/Dockerfile`. It starts when a step waits, and
 * stops when it is idle. Each start has its own token.
 */
export interface ContainerService extends Rpc.DurableObjectBranded {
  /**
   * Starts the container unless it is running.
   * @param server URL at which it reaches this server
   * @param pool name of the pool whose jobs it executes
   */
  wake(server: string, pool: string): Promise<void>;
}
