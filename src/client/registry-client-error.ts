/** A registry refused something, or gave something that it should not. */
export class RegistryClientError extends Error {
  override name = "RegistryClientError";
  /** Of its answer. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Bytes of an answer that are looked at. */
const MOST = 64 * 1024;

/** The error for an answer that is no success, with what the registry says of it (distribution-spec, "Error Codes"). */
export async function registryError(
  method: string,
  url: string,
  answer: Response,
): Promise<RegistryClientError> {
  const { status } = answer;
  const { host, pathname } = new URL(url);
  const said = await saidIn(answer);
  const what =
    status === 401 || status === 403
      ? `${host} denies access`
      : status === 404
        ? `${host} has nothing at ${pathname}`
        : `${host} answered ${method} ${pathname} with status ${status}`;
  return new RegistryClientError(said === "" ? what : `${what}: ${said}`, status);
}

async function saidIn(answer: Response): Promise<string> {
  const text = (await answer.text().catch(() => "")).slice(0, MOST);
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: unknown; message?: unknown }[] };
    const [first] = errors ?? [];
    return [first?.code, first?.message].filter((part) => typeof part === "string" && part !== "").join(": ");
  } catch {
    return text.trim().slice(0, 200);
  }
}
