/** A container could not be started, or one of its volumes or ports cannot be used. Most messages are docker's. */
export class ContainerError extends Error {
  override name = "ContainerError";
  /** As `docker run` exits: 127 the command was not found, 126 it cannot be executed, 125 any other failure. */
  readonly exitCode: number;
  /** The runtime already wrote the message to standard error. */
  readonly isReported: boolean;

  constructor(message: string, exitCode = 125, isReported = false) {
    super(message);
    this.exitCode = exitCode;
    this.isReported = isReported;
  }
}
