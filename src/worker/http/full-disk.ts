import { StoreFullError } from "../../store/object-store.ts";
import type { Env } from "../environment.ts";

/**
 * What to report in the place of an error that nothing explains: on a local server whose disk is full, the runtime fails
 * without saying so when its databases cannot write.
 */
export async function explainFullDisk(
  error: unknown,
  { OBJECTS, VARVE_FRONT_SECRET }: Env,
): Promise<unknown> {
  const isUnknown = error instanceof Error && error.name === "Error";
  if (!isUnknown || OBJECTS === undefined || !VARVE_FRONT_SECRET) return error;
  const answer = await OBJECTS.fetch("http://objects/space");
  const { isFull } = await answer.json<{ isFull: boolean }>();
  return isFull ? new StoreFullError("The disk of the server is full") : error;
}
