import { expect } from "vitest";
import {
  type RemoteRegistriesOptions,
  remoteRegistries,
} from "../../src/registry/remote/remote-registries.ts";
import type { RemoteRegistry } from "../../src/registry/remote/remote-registry.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { FakeNetwork, fakeRegistry, type Trick } from "./fake-registry.ts";
import { type TestImage, testImage } from "./test-image.ts";

export const HUB = "https://registry-1.docker.io";
export const image = testImage();
export const alpine = "library/alpine";
export const [, layer] = image.blobs as [TestImage["blobs"][0], TestImage["blobs"][0]];

export function setup(
  trick?: Trick,
  options: Partial<RemoteRegistriesOptions> = {},
  given: TestImage = image,
) {
  const network = new FakeNetwork();
  network.serve(HUB, fakeRegistry("library/alpine", "latest", given, trick));
  const waits: number[] = [];
  const registries = remoteRegistries({
    policy: { allowLoopback: false },
    fetch: network.fetch,
    sleep: async (milliseconds) => void waits.push(milliseconds),
    ...options,
  });
  return { network, upstream: registries("docker.io"), registries, waits };
}

export const read = async (upstream: RemoteRegistry, limit = 1e6) =>
  collect(chunks(await upstream.readBlob(alpine, layer.descriptor)), limit);
export const failure = (fault: string, message: string | RegExp) =>
  expect.objectContaining({
    fault,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
export const respond =
  (status: number, headers: Record<string, string> = {}, body: string | null = null) =>
  () =>
    new Response(body, { status, headers });
