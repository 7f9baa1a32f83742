/** What a client has that the steps of its build may read, and that leaves its machine in no other way. */
export interface Keyring {
  /** @throws when the secret cannot be read */
  secret(id: string): Promise<Uint8Array>;
  /**
   * Path of the socket of an ssh agent.
   * @throws when there is none
   */
  agent(id: string): Promise<string>;
}
