import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { RegistryError } from "../errors.ts";
import type { AbortableResponse } from "./fetch-with-retries.ts";
import type { ErrorDetail } from "./remote-error.ts";

/** Maximum length of the part of a registry's error message that is shown, in characters. */
const MAX_DETAIL = 500;
const MAX_ERROR = 64 * 1024;

/**
 * The bytes of a body. Aborts when none arrive for `idleTimeout` milliseconds.
 * @throws {RegistryError} `TIMEOUT`, `NETWORK`
 */
export async function* readBody(
  { response, abort }: AbortableResponse,
  idleTimeout: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  let timedOut: RegistryError | undefined;
  const end = () => {
    timedOut = new RegistryError("TIMEOUT", `no bytes received for ${idleTimeout / 1000} s`);
    abort(timedOut);
  };
  let timer = setTimeout(end, idleTimeout);
  try {
    for await (const chunk of chunks(response.body)) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(end, idleTimeout);
    }
  } catch (cause) {
    // workerd does not report that the body was aborted.
    throw timedOut ?? new RegistryError("NETWORK", "the connection was lost", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The error message in a response; undefined when there is none. */
export async function readErrorDetail(
  answer: AbortableResponse,
  idleTimeout: number,
): Promise<ErrorDetail | undefined> {
  try {
    const bytes = await collect(readBody(answer, idleTimeout), MAX_ERROR);
    const { errors } = JSON.parse(new TextDecoder().decode(bytes)) as {
      errors?: { code?: unknown; message?: unknown }[];
    };
    const [first] = errors ?? [];
    if (typeof first?.message !== "string") return undefined;
    const message = `${String(first.code).toLowerCase()}: ${first.message}`.slice(0, MAX_DETAIL);
    return { code: first.code, message };
  } catch {
    return undefined;
  }
}
