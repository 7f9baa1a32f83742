import { ServiceError } from "../../client/service.ts";
import { BASE_IMAGE } from "../../registry/base-image.ts";
import { storedPath } from "../images/image-service.ts";
import { service } from "../service.ts";

/** Whether the server has the base image of the lessons, or builds it now, and the caller may read it. */
export async function hasBaseImage(): Promise<boolean> {
  try {
    await service.request(storedPath(BASE_IMAGE, "manifests/latest"), { method: "HEAD" });
    return true;
  } catch (error) {
    if (error instanceof ServiceError && [401, 403, 404].includes(error.problem.status)) return false;
    throw error;
  }
}
