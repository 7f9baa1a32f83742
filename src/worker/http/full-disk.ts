import { StoreFullError } from "../../store/object-store.ts";
import type { Env } from "../environment.ts";

/**
 * Replaces an unknown error by `StoreFullError` when the disk of a local server is full. The runtime does not report the reason
 * when its databases cannot write.
 */
export async function explainFullDisk(
  error: unknown,
  { OBJECTS, VARVE_FRONT_SECRET }: Env,
): Promise<unknown> {
  const isUnknown = error instanceof Error && error.name === "Error";
  if (!isUnknown || OBJECTS === undefined || !VARVE_FRONT_SECRET) return error;
  const response = await OBJECTS.fetch("http://objects/space");
  const { isFull } = await response.json<{ isFull: boolean }>();
  return isFull ? new StoreFullError("The disk of the server is full") : error;
}
