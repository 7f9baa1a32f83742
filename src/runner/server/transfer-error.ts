/** The server, or a proxy in front of it, did not accept a request of the runner. */
export class TransferError extends Error {
  override name = "TransferError";
  /** HTTP status. */
  readonly status: number;
  /** A proxy rejected the size of the request. */
  readonly isTooLarge: boolean;

  constructor(message: string, status: number, isTooLarge = false) {
    super(message);
    this.status = status;
    this.isTooLarge = isTooLarge;
  }
}

/** The error for a response that is not a success. */
export async function transferError(doing: string, response: Response): Promise<TransferError> {
  const { status } = response;
  const text = (await response.text()).slice(0, 500);
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  return status === 413 && !isProblem
    ? new TransferError(
        `${doing}: a proxy in front of the server rejects the size of the request (413)`,
        status,
        true,
      )
    : new TransferError(`${doing}: the server answered ${status} ${text}`, status);
}
