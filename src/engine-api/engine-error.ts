/** What cannot be asked of this server: a sentence for whoever asks. */
export class EngineError extends Error {
  override name = "EngineError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
