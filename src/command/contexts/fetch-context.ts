import { maskUrl } from "../../engine/url-credentials.ts";
import { CommandError } from "../command-error.ts";

/**
 * The body of a URL.
 * @param what failed, for the message
 * @throws {CommandError}
 */
export async function fetchBody(url: string, what: string): Promise<ReadableStream<Uint8Array>> {
  const failed = (why: string) => new CommandError(`${what} ${maskUrl(url)}: ${why}`);
  const answer = await fetch(url).catch((error: Error) => {
    throw failed(error.cause instanceof Error ? error.cause.message : error.message);
  });
  if (!answer.ok || answer.body === null) throw failed(`status ${answer.status}`);
  return answer.body;
}
