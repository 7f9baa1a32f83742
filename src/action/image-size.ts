import { type ImageAddress, Images } from "../client/images.ts";
import type { Service } from "../client/service.ts";

/** Stored bytes of an image, for all platforms; undefined when it does not exist or the server does not respond. */
export async function imageSize(service: Service, image: ImageAddress): Promise<number | undefined> {
  const images = new Images(service);
  try {
    const { manifests } = await images.inspect(image);
    let size = 0;
    for (const { digest, attestation } of manifests) {
      if (attestation) continue;
      size += (await images.inspect({ name: image.name, reference: digest })).size;
    }
    return size;
  } catch {
    return undefined;
  }
}
