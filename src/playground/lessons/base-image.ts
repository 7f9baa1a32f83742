import { ServiceError } from "../../client/service.ts";
import { BASE_IMAGE } from "../../registry/base-image.ts";
import { registryPath } from "../images/image-service.ts";
import { service } from "../service.ts";

/** Whether the caller can read the base image of the lessons. The server builds it on the first request. */
export async function hasBaseImage(): Promise<boolean> {
  try {
    await service.request(registryPath(BASE_IMAGE, "manifests/latest"), { method: "HEAD" });
    return true;
  } catch (error) {
    if (error instanceof ServiceError && [401, 403, 404].includes(error.problem.status)) return false;
    throw error;
  }
}
