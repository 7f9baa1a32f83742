import { expect, test } from "vitest";
import type { EventBody } from "../../../schemas/events.ts";
import { BaseImages, type BaseImagesOptions } from "../../../src/engine/solve/base-images.ts";
import { OCI } from "../../../src/oci/media-types.ts";
import { parseReference } from "../../../src/oci/reference.ts";
import { RegistryError } from "../../../src/registry/errors.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** The events of an image with three layers, of which some have to be transferred. @param isAbsent they are not found */
async function eventsOf(missing: readonly string[], isAbsent = false): Promise<EventBody[]> {
  const events: EventBody[] = [];
  const ensureBlob = async (_: unknown, layer: { digest: string }) => {
    const isMissing = missing.includes(layer.digest);
    if (isMissing && isAbsent) throw new RegistryError("BLOB_UNKNOWN", `${layer.digest}: not found`);
    return isMissing;
  };
  const layers = ["a", "b", "c"].map((letter) => ({
    mediaType: OCI.layerGzip,
    digest: digest(letter),
    size: 5,
  }));
  const image = {
    reference: parseReference("registry.example/base:1"),
    manifest: { layers },
    config: { rootfs: { diff_ids: layers.map((layer) => layer.digest) } },
  };
  const images = new BaseImages({
    planned: [{ lines: { start: 1, end: 1 } }],
    resolved: [image],
    images: { ensureBlob, isOwnHost: () => false },
    prefix: "",
    emit: (event: EventBody) => void events.push(event),
    signal: new AbortController().signal,
  } as unknown as BaseImagesOptions);
  await Promise.all(images.layers(0).map((layer) => layer.ensureStored()));
  return events;
}

test("the step of an image ends after the transfer of its layers, and has their number", async () => {
  expect(await eventsOf([digest("a"), digest("c")])).toMatchObject([
    { type: "step.start", step: "image-0" },
    { type: "step.progress", message: digest("a"), current: 5 },
    { type: "step.progress", message: digest("c"), current: 5 },
    { type: "step.done", why: "2 of 3 layers of the image were fetched from registry.example." },
  ]);
});

test("it is cached when all layers are stored", async () => {
  expect(await eventsOf([])).toMatchObject([
    { type: "step.start", step: "image-0" },
    { type: "step.cached", step: "image-0", why: "All layers of the image are stored on the server." },
  ]);
});

test("it is the step that failed when a layer is not found", async () => {
  const error = await eventsOf([digest("b")], true).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "base-unavailable", step: "image-0", lines: { start: 1, end: 1 } });
});
