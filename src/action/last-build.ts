import type { BuildRecord } from "../../schemas/build.ts";
import { Builds } from "../client/builds.ts";
import type { Service } from "../client/service.ts";
import { imageAddressOf } from "../command/outputs/own-name.ts";
import { imageSize } from "./image-size.ts";
import type { Outcome } from "./report.ts";

/** The size of an image, and the last build of this branch, before the image is built. @param agent of this step */
export async function lastSizes(
  service: Service,
  image: string,
  agent: string,
): Promise<Pick<Outcome, "lastSize" | "lastBuild">> {
  const address = imageAddressOf(image);
  const [lastSize, lastBuild] = await Promise.all([
    imageSize(service, address),
    lastBuildOf(service, address.name, agent),
  ]);
  return { lastSize, lastBuild };
}

/** Number of recent runs of the image that are searched. */
const SEARCHED = 50;

/**
 * The last successful run of an image that a step for the same branch started; undefined when there is none, or the server
 * does not respond.
 * @param agent of this step
 */
async function lastBuildOf(service: Service, image: string, agent: string): Promise<BuildRecord | undefined> {
  const [, branch] = /\(([^()]*)\)$/.exec(agent) ?? [];
  if (branch === undefined) return undefined;
  try {
    const runs = await new Builds(service).list(SEARCHED, { image, state: "done" });
    return runs.find(({ origin }) => /^varve-action\/\S+ \(([^()]*)\)$/.exec(origin ?? "")?.[1] === branch);
  } catch {
    return undefined;
  }
}
