/** Secrets and ssh agents of a client. Only the steps of its build read them, and only on its own machine. */
export interface Keyring {
  /** @throws {Error} when the secret cannot be read */
  secret(id: string): Promise<Uint8Array>;
  /**
   * Path of the socket of an ssh agent.
   * @throws {Error} when there is no agent
   */
  agent(id: string): Promise<string>;
}
